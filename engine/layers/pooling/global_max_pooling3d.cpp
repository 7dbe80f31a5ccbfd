// GlobalMaxPooling3D: the maximum of every channel of a volume.
#include "engine/layers/pooling/global_pooling.hpp"

namespace layerctl {
namespace {

class GlobalMaxPooling3D final : public GlobalPooling {
public:
    GlobalMaxPooling3D() : GlobalPooling(3, ops::Pooling::max) {}
};

LAYERCTL_REGISTER_LAYER(GlobalMaxPooling3D);
LAYERCTL_REGISTER_ALIAS(GlobalMaxPooling3D, GlobalMaxPool3D);

}  // namespace
}  // namespace layerctl
