// AveragePooling1D: means under a window sliding over steps; padding does not count.
#include "engine/layers/pooling/pooling.hpp"

namespace layerctl {
namespace {

class AveragePooling1D final : public WindowPooling {
public:
    AveragePooling1D() : WindowPooling(1, ops::Pooling::average) {}
};

LAYERCTL_REGISTER_LAYER(AveragePooling1D);
LAYERCTL_REGISTER_ALIAS(AveragePooling1D, AvgPool1D);

}  // namespace
}  // namespace layerctl
