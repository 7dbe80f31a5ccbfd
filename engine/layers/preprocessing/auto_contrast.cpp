// AutoContrast: every channel of an image stretched over the whole range of values; a channel of one value stays.
#include <algorithm>
#include <cmath>

#include "engine/layers/preprocessing/augmentation.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

class AutoContrast final : public Augmentation {
    ValueRange value_range;

    void augmentation_config(ConfigIo& io) override { io.optional("value_range", value_range); }

    /// Stretches `count` values that are `step` apart. Keras computes with pixels from 0 to 255.
    template <class T>
    void stretch(const T* from, T* to, std::size_t count, std::size_t step) const {
        const T shift = static_cast<T>(value_range.low), range = static_cast<T>(value_range.high) - shift;
        const auto pixel = [&](std::size_t i) { return (from[i * step] - shift) / range * T{255}; };
        T low = pixel(0), high = low;
        for (std::size_t i = 1; i < count; ++i) {
            low = std::min(low, pixel(i));
            high = std::max(high, pixel(i));
        }
        const T scale = T{255} / (high - low);
        for (std::size_t i = 0; i < count; ++i) {
            const T stretched = pixel(i) * scale - low * scale;
            to[i * step] =
                std::isnan(stretched) ? from[i * step] : std::clamp(stretched, T{0}, T{255}) / T{255} * range + shift;
        }
    }

    // The axes are those of (batch, height, width, channels) whatever the data format; rank 3 counts as one image.
    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        const Shape& shape = x[0].shape();
        const auto images = static_cast<std::size_t>(shape.rank() == 4 ? shape[0] : 1);
        const auto channels = static_cast<std::size_t>(shape.back());
        const std::size_t image = x[0].elements() / std::max<std::size_t>(images, 1);
        if (image == 0) return;
        with_float(y[0].dtype(), [&]<class T>(Type<T>) {
            const T* from = x[0].values<T>().data();
            T* to = y[0].mutable_values<T>().data();
            for (std::size_t i = 0; i < images; ++i)
                for (std::size_t c = 0; c < channels; ++c)
                    stretch(from + i * image + c, to + i * image + c, image / channels, channels);
        });
    }
};

LAYERCTL_REGISTER_LAYER(AutoContrast);

}  // namespace
}  // namespace layerctl
