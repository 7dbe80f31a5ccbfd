// AdaptiveMaxPooling2D: maxima of the parts of an image, as many as asked for.
#include "engine/layers/pooling/adaptive_pooling.hpp"

namespace layerctl {
namespace {

class AdaptiveMaxPooling2D final : public AdaptivePooling {
public:
    AdaptiveMaxPooling2D() : AdaptivePooling(2, ops::Pooling::max) {}
};

LAYERCTL_REGISTER_LAYER(AdaptiveMaxPooling2D);

}  // namespace
}  // namespace layerctl
