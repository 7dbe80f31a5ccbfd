// RepeatVector: (batch, features) n times along a new axis 1.
#include "engine/layer.hpp"
#include "engine/lowering.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl {
namespace {

class RepeatVector final : public Layer, public Lowers {
    std::int64_t n = 0;

    void config(ConfigIo& io) override { io.required("n", n, positive); }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() == 2, "wanted an input of rank 2, found shape ", in[0]);
        return {{in[0][0], n, in[0][1]}};
    }

    std::optional<Request> lower(const Shapes& in, const Weights&) const override {
        const Shape out = compute_output_shape(in)[0];
        return Strided{out, ops::broadcast_strides(out.with(1, 1), out)};
    }

    DType input_dtype(std::size_t, DType given) const override { return keep(given); }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        const Shape& in = x[0].shape();
        y[0] = ops::broadcast_to(x[0].reshaped({in[0], 1, in[1]}), y[0].shape());
    }
};

LAYERCTL_REGISTER_LAYER(RepeatVector);

}  // namespace
}  // namespace layerctl
