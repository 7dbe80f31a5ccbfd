// RandomGrayscale: turns images grey, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class RandomGrayscale final : public Augmentation {
    double factor = 0.5;

    void augmentation_config(ConfigIo& io) override { io.optional("factor", factor, from_0_to_1); }
};

LAYERCTL_REGISTER_LAYER(RandomGrayscale);

}  // namespace
}  // namespace layerctl
