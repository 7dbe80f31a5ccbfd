// Resizing: images of a given height and width.
#include "engine/layer.hpp"
#include "engine/layers/preprocessing/image_size.hpp"

namespace layerctl {
namespace {

class Resizing final : public Layer {
    ImageSize size;
    Interpolation interpolation = Interpolation::bilinear;
    bool crop = false;
    bool pad = false;
    double fill_value = 0;
    bool antialias = false;
    DataFormat data_format = DataFormat::channels_last;

    void config(ConfigIo& io) override {
        io.required("height", size.height, positive);
        io.required("width", size.width, positive);
        io.optional("interpolation", interpolation);
        io.optional("crop_to_aspect_ratio", crop);
        if (io.dialect() != Dialect::keras3) return;
        io.optional("pad_to_aspect_ratio", pad);
        io.only("fill_mode", "constant");
        io.optional("fill_value", fill_value);
        io.optional("antialias", antialias);
        io.optional("data_format", data_format);
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(!(crop && pad), "crop_to_aspect_ratio and pad_to_aspect_ratio exclude each other");
        return {resized_shape(in[0], size, data_format)};
    }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        ops::in_channels_last(x[0], y[0], 2, data_format, [&](const Tensor& from, Tensor& to) {
            const Tensor images = crop  ? crop_to_aspect_ratio(from, size)
                                  : pad ? pad_to_aspect_ratio(from, size, fill_value)
                                        : from;
            ops::resize(interpolation, antialias, images, to);
        });
    }
};

LAYERCTL_REGISTER_LAYER(Resizing);

}  // namespace
}  // namespace layerctl
