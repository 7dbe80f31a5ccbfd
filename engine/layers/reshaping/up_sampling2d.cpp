// UpSampling2D: enlarges images by whole factors, repeating pixels or interpolating between them.
#include "engine/layers/reshaping/up_sampling.hpp"
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

    DTypes compute_output_dtype(const DTypes& in) const override {
        if (interpolation != Interpolation::nearest && !is_floating(in[0]))
            fail(Code::unsupported, "interpolation between elements of dtype ", in[0]);
        return in;
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        if (interpolation == Interpolation::nearest) return UpSampling::call(x, w, y);
        ops::in_channels_last(x[0], y[0], 2, data_format,
                              [&](const Tensor& from, Tensor& to) { ops::resize(interpolation, false, from, to); });
    }

    Interpolation interpolation = Interpolation::nearest;
};

LAYERCTL_REGISTER_LAYER(UpSampling2D);

}  // namespace
}  // namespace layerctl
