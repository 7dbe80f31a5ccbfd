// RandomRotation: turns images, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class RandomRotation final : public Augmentation {
    Factor factor;
    Sampling sampling;

    void augmentation_config(ConfigIo& io) override {
        io.required("factor", factor);
        sampling.config(io);
    }
};

LAYERCTL_REGISTER_LAYER(RandomRotation);

}  // namespace
}  // namespace layerctl
