// RandomInvert: inverts images, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class RandomInvert final : public Augmentation {
    Factor factor{1};
    ValueRange value_range;

    void augmentation_config(ConfigIo& io) override {
        io.optional("factor", factor);
        io.optional("value_range", value_range);
    }
};

LAYERCTL_REGISTER_LAYER(RandomInvert);

}  // namespace
}  // namespace layerctl
