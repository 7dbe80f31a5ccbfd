// RandomContrast: changes the contrast of images, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class RandomContrast final : public Augmentation {
    Factor factor;
    ValueRange value_range;

    void augmentation_config(ConfigIo& io) override {
        io.required("factor", factor);
        io.optional("value_range", value_range);
    }
};

LAYERCTL_REGISTER_LAYER(RandomContrast);

}  // namespace
}  // namespace layerctl
