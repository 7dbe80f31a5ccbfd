// RandomColorJitter: changes brightness, contrast, saturation and hue of images, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class RandomColorJitter final : public Augmentation {
    std::optional<Factor> brightness_factor, contrast_factor, saturation_factor, hue_factor;
    ValueRange value_range;

    void augmentation_config(ConfigIo& io) override {
        io.optional("brightness_factor", brightness_factor);
        io.optional("contrast_factor", contrast_factor);
        io.optional("saturation_factor", saturation_factor);
        io.optional("hue_factor", hue_factor);
        io.optional("value_range", value_range);
    }
};

LAYERCTL_REGISTER_LAYER(RandomColorJitter);

}  // namespace
}  // namespace layerctl
