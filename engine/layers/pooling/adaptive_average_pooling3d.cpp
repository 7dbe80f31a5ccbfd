// AdaptiveAveragePooling3D: means of the parts of a volume, as many as asked for.
#include "engine/layers/pooling/adaptive_pooling.hpp"

namespace layerctl {
namespace {

class AdaptiveAveragePooling3D final : public AdaptivePooling {
public:
    AdaptiveAveragePooling3D() : AdaptivePooling(3, ops::Pooling::average) {}
};

LAYERCTL_REGISTER_LAYER(AdaptiveAveragePooling3D);

}  // namespace
}  // namespace layerctl
