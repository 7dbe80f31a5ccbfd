// CutMix: pastes parts of images into others of the batch, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class CutMix final : public Augmentation {
    Factor factor{1};

    void augmentation_config(ConfigIo& io) override { io.optional("factor", factor); }
};

LAYERCTL_REGISTER_LAYER(CutMix);

}  // namespace
}  // namespace layerctl
