// Flatten: everything behind the batch axis in one row; channels_first moves the channels behind the others first.
#include "engine/lowering.hpp"
#include "engine/ops/spatial.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl {
namespace {

class Flatten final : public Layer, public Lowers {
    DataFormat data_format = DataFormat::channels_last;

    void config(ConfigIo& io) override { io.optional("data_format", data_format); }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() >= 1, "input must have rank 1 or more, found shape ", in[0]);
        const Shape features = in[0].slice(1, in[0].rank());
        return {{in[0][0], features.is_known() ? features.elements() : Shape::unknown}};
    }

    DType input_dtype(std::size_t, DType given) const override { return keep(given); }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        const std::size_t rank = x[0].shape().rank();
        const Tensor ordered = moves_channels(rank) ? ops::transpose(x[0], ops::to_back({1}, rank)) : x[0];
        y[0] = ordered.reshaped(y[0].shape());
    }

    std::optional<Request> lower(const Shapes& in, const Weights&) const override {
        if (moves_channels(in[0].rank())) return {};
        return Pass{};
    }

    bool moves_channels(std::size_t rank) const { return data_format == DataFormat::channels_first && rank > 2; }
};

LAYERCTL_REGISTER_LAYER(Flatten);

}  // namespace
}  // namespace layerctl
