// MixUp: blends the images of a batch, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class MixUp final : public Augmentation {
    double alpha = 0.2;

    void augmentation_config(ConfigIo& io) override { io.optional("alpha", alpha); }
};

LAYERCTL_REGISTER_LAYER(MixUp);

}  // namespace
}  // namespace layerctl
