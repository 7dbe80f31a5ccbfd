// AdaptiveAveragePooling2D: means of the parts of an image, as many as asked for.
#include "engine/layers/pooling/adaptive_pooling.hpp"

namespace layerctl {
namespace {

class AdaptiveAveragePooling2D final : public AdaptivePooling {
public:
    AdaptiveAveragePooling2D() : AdaptivePooling(2, ops::Pooling::average) {}
};

LAYERCTL_REGISTER_LAYER(AdaptiveAveragePooling2D);

}  // namespace
}  // namespace layerctl
