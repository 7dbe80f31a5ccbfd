// RNN: the recurrent layer of any cell.
#include "engine/layers/rnn/rnn.hpp"
#include "engine/layers/wrapper.hpp"

namespace layerctl {
namespace {

class RNN final : public Rnn {
    WrappedLayer cell_;

    void config(ConfigIo& io) override {
        cell_.set_context(context());
        Rnn::config(io);
        io.required("cell", cell_);
        io.only("num_constants", nullptr);
        if (cell_.has_value()) cell();
    }

    const Cell& cell() const override { return as_cell(*cell_); }

    WeightSpecs cell_weights(const Shape& step) const override { return cell_.weights("cell", {step}); }
};

LAYERCTL_REGISTER_LAYER(RNN);

}  // namespace
}  // namespace layerctl
