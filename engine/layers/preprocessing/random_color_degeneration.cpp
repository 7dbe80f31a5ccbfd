// RandomColorDegeneration: mixes images with their grey version, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class RandomColorDegeneration final : public Augmentation {
    Factor factor;
    ValueRange value_range;

    void augmentation_config(ConfigIo& io) override {
        io.required("factor", factor);
        io.optional("value_range", value_range);
    }
};

LAYERCTL_REGISTER_LAYER(RandomColorDegeneration);

}  // namespace
}  // namespace layerctl
