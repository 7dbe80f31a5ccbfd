// AdaptiveMaxPooling3D: maxima of the parts of a volume, as many as asked for.
#include "engine/layers/pooling/adaptive_pooling.hpp"

namespace layerctl {
namespace {

class AdaptiveMaxPooling3D final : public AdaptivePooling {
public:
    AdaptiveMaxPooling3D() : AdaptivePooling(3, ops::Pooling::max) {}
};

LAYERCTL_REGISTER_LAYER(AdaptiveMaxPooling3D);

}  // namespace
}  // namespace layerctl
