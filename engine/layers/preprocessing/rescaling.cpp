// Rescaling: y = x · scale + offset.
#include <functional>

#include "engine/layers/last_axis.hpp"
#include "engine/lowering.hpp"
#include "engine/number_array.hpp"
#include "engine/ops/broadcast.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

class Rescaling final : public Layer, public Lowers {
    NumberArray scale;
    NumberArray offset = NumberArray::scalar(0);

    void config(ConfigIo& io) override {
        io.required("scale", scale);
        io.optional("offset", offset);
        io.only("data_format", "channels_last");
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        for (const Shape& array : {scale.shape, offset.shape})
            require(ops::broadcast_shape(array, in[0]) == in[0], "wanted an input that a scale of shape ", array,
                    " broadcasts to, found shape ", in[0]);
        return {in[0]};
    }

    bool supports_masking() const override { return context().dialect == Dialect::keras3; }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        with_float(y[0].dtype(), [&]<class T>(Type<T>) {
            ops::binary<T>(x[0], scale.tensor(y[0].dtype()), y[0], std::multiplies<T>());
            ops::binary<T>(y[0], offset.tensor(y[0].dtype()), y[0], std::plus<T>());
        });
    }

    std::optional<Request> lower(const Shapes& in, const Weights&) const override {
        const auto factor = along_last_axis(scale.tensor(DType::float32), in[0].back());
        const auto shift = along_last_axis(offset.tensor(DType::float32), in[0].back());
        if (!factor || !shift) return {};
        return Scale{*factor, *shift};
    }
};

LAYERCTL_REGISTER_LAYER(Rescaling);

}  // namespace
}  // namespace layerctl
