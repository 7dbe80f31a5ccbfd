// AdaptiveMaxPooling1D: maxima of the parts of steps, as many as asked for.
#include "engine/layers/pooling/adaptive_pooling.hpp"

namespace layerctl {
namespace {

class AdaptiveMaxPooling1D final : public AdaptivePooling {
public:
    AdaptiveMaxPooling1D() : AdaptivePooling(1, ops::Pooling::max) {}
};

LAYERCTL_REGISTER_LAYER(AdaptiveMaxPooling1D);

}  // namespace
}  // namespace layerctl
