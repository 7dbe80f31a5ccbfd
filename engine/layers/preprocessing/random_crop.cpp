// RandomCrop: at inference Keras 2 resizes the largest middle part with the right aspect ratio, Keras 3 does nothing.
#include "engine/layer.hpp"
#include "engine/layers/preprocessing/image_size.hpp"

namespace layerctl {
namespace {

class RandomCrop final : public Layer {
    ImageSize size;

    bool resizes() const { return context().dialect != Dialect::keras3; }

    void config(ConfigIo& io) override {
        io.required("height", size.height, positive);
        io.required("width", size.width, positive);
        io.ignored("seed");
        io.ignored("data_format");
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        return {resizes() ? resized_shape(in[0], size, DataFormat::channels_last) : in[0]};
    }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        if (resizes()) smart_resize(Interpolation::bilinear, x[0], y[0]);
        else y[0] = x[0];
    }
};

LAYERCTL_REGISTER_LAYER(RandomCrop);

}  // namespace
}  // namespace layerctl
