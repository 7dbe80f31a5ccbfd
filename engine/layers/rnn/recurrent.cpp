// RNN: the recurrent layer of any cell.
#include "engine/layers/rnn/rnn.hpp"
#include "engine/layers/wrapper.hpp"

namespace layerctl {
namespace {

class RNN final : public Rnn {
    WrappedLayer cell_;
    std::optional<std::int64_t> num_constants;

    void config(ConfigIo& io) override {
        cell_.set_context(context());
        Rnn::config(io);
        io.required("cell", cell_);
        io.optional("num_constants", num_constants);
        if (!cell_.has_value()) return;
        if (!cell().allows_constants() && num_constants.value_or(0) != 0)
            fail(Code::unsupported, "config key 'num_constants': ", cell_.class_name(), " takes no constants");
    }

    std::size_t constants() const override { return static_cast<std::size_t>(num_constants.value_or(0)); }

    const Cell& cell() const override { return as_cell(*cell_); }

    WeightSpecs cell_weights(const Shape& step) const override { return cell_.weights("cell", {step}); }
};

LAYERCTL_REGISTER_LAYER(RNN);

}  // namespace
}  // namespace layerctl
