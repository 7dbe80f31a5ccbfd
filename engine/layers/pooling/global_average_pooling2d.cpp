// GlobalAveragePooling2D: the mean of every channel of an image.
#include "engine/layers/pooling/global_pooling.hpp"

namespace layerctl {
namespace {

class GlobalAveragePooling2D final : public GlobalPooling {
public:
    GlobalAveragePooling2D() : GlobalPooling(2, ops::Pooling::average) {}
};

LAYERCTL_REGISTER_LAYER(GlobalAveragePooling2D);
LAYERCTL_REGISTER_ALIAS(GlobalAveragePooling2D, GlobalAvgPool2D);

}  // namespace
}  // namespace layerctl
