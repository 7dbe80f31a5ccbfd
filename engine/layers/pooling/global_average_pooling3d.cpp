// GlobalAveragePooling3D: the mean of every channel of a volume.
#include "engine/layers/pooling/global_pooling.hpp"

namespace layerctl {
namespace {

class GlobalAveragePooling3D final : public GlobalPooling {
public:
    GlobalAveragePooling3D() : GlobalPooling(3, ops::Pooling::average) {}
};

LAYERCTL_REGISTER_LAYER(GlobalAveragePooling3D);
LAYERCTL_REGISTER_ALIAS(GlobalAveragePooling3D, GlobalAvgPool3D);

}  // namespace
}  // namespace layerctl
