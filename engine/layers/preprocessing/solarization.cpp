// Solarization: inverts bright pixels, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class Solarization final : public Augmentation {
    Factor addition_factor;
    Factor threshold_factor;
    ValueRange value_range;

    void augmentation_config(ConfigIo& io) override {
        io.optional("addition_factor", addition_factor);
        io.optional("threshold_factor", threshold_factor);
        io.optional("value_range", value_range);
    }
};

LAYERCTL_REGISTER_LAYER(Solarization);

}  // namespace
}  // namespace layerctl
