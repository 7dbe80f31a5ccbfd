// AdaptiveAveragePooling1D: means of the parts of steps, as many as asked for.
#include "engine/layers/pooling/adaptive_pooling.hpp"

namespace layerctl {
namespace {

class AdaptiveAveragePooling1D final : public AdaptivePooling {
public:
    AdaptiveAveragePooling1D() : AdaptivePooling(1, ops::Pooling::average) {}
};

LAYERCTL_REGISTER_LAYER(AdaptiveAveragePooling1D);

}  // namespace
}  // namespace layerctl
