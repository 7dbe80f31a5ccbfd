// RandomTranslation: moves images, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class RandomTranslation final : public Augmentation {
    Factor height_factor;
    Factor width_factor;
    Sampling sampling;

    void augmentation_config(ConfigIo& io) override {
        io.required("height_factor", height_factor);
        io.required("width_factor", width_factor);
        sampling.config(io);
    }
};

LAYERCTL_REGISTER_LAYER(RandomTranslation);

}  // namespace
}  // namespace layerctl
