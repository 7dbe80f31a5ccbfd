// UpSampling2D: enlarges images by whole factors, repeating pixels or interpolating between them.
#include <cmath>

#include "engine/layers/reshaping/up_sampling.hpp"
#include "engine/layers/through_floats.hpp"
#include "engine/ops/resize.hpp"

namespace layerctl {
namespace {

class UpSampling2D final : public UpSampling {
public:
    UpSampling2D() : UpSampling(2) {}

private:
    void config(ConfigIo& io) override {
        io.optional("size", per_axis(size, 2), positive);
        io.optional("data_format", data_format);
        io.optional("interpolation", interpolation);
    }

    // Between integers Keras 2 interpolates in floats, Keras 3 rounds to integers again.
    DType input_dtype(std::size_t i, DType given) const override {
        const bool kept = interpolation == Interpolation::nearest || context().dialect == Dialect::keras3;
        return kept ? UpSampling::input_dtype(i, given) : compute_dtype();
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        if (interpolation == Interpolation::nearest) return UpSampling::call(x, w, y);
        through_floats(DType::float32, x, y, [&](const Tensors& in, Tensors& out) {
            ops::in_channels_last(in[0], out[0], 2, data_format,
                                  [&](const Tensor& from, Tensor& to) { ops::resize(interpolation, false, from, to); });
            if (is_integer(x[0].dtype()))
                for (float& value : out[0].mutable_values<float>()) value = std::nearbyint(value);
        });
    }

    std::optional<Request> lower(const Shapes& in, const Weights& w) const override {
        if (interpolation != Interpolation::nearest) return {};
        return UpSampling::lower(in, w);
    }

    Interpolation interpolation = Interpolation::nearest;
};

LAYERCTL_REGISTER_LAYER(UpSampling2D);

}  // namespace
}  // namespace layerctl
