// CenterCrop: the middle of images; smaller images are enlarged to fit.
#include "engine/layer.hpp"
#include "engine/layers/preprocessing/image_size.hpp"

namespace layerctl {
namespace {

class CenterCrop final : public Layer {
    ImageSize size;
    DataFormat data_format = DataFormat::channels_last;

    void config(ConfigIo& io) override {
        io.required("height", size.height, positive);
        io.required("width", size.width, positive);
        if (io.dialect() == Dialect::keras3) io.optional("data_format", data_format);
    }

    Shapes compute_output_shape(const Shapes& in) const override { return {resized_shape(in[0], size, data_format)}; }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        ops::in_channels_last(x[0], y[0], 2, data_format, [&](const Tensor& from, Tensor& to) {
            const bool fits = from.shape()[1] >= size.height && from.shape()[2] >= size.width;
            if (fits) to = centre_crop(from, size);
            else smart_resize(Interpolation::bilinear, from, to);
        });
    }
};

LAYERCTL_REGISTER_LAYER(CenterCrop);

}  // namespace
}  // namespace layerctl
