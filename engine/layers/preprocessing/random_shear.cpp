// RandomShear: slants images, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class RandomShear final : public Augmentation {
    Factor x_factor;
    Factor y_factor;
    Sampling sampling;

    void augmentation_config(ConfigIo& io) override {
        io.optional("x_factor", x_factor);
        io.optional("y_factor", y_factor);
        sampling.config(io);
    }
};

LAYERCTL_REGISTER_LAYER(RandomShear);

}  // namespace
}  // namespace layerctl
