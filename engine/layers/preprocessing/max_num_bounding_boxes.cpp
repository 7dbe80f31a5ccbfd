// MaxNumBoundingBoxes: pads or cuts lists of bounding boxes; images pass.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class MaxNumBoundingBoxes final : public Augmentation {
    std::int64_t max_number = 0;

    void augmentation_config(ConfigIo& io) override { io.required("max_number", max_number, positive); }
};

LAYERCTL_REGISTER_LAYER(MaxNumBoundingBoxes);

}  // namespace
}  // namespace layerctl
