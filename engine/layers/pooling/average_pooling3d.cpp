// AveragePooling3D: means under a window sliding over a volume; padding does not count.
#include "engine/layers/pooling/pooling.hpp"

namespace layerctl {
namespace {

class AveragePooling3D final : public WindowPooling {
public:
    AveragePooling3D() : WindowPooling(3, ops::Pooling::average) {}
};

LAYERCTL_REGISTER_LAYER(AveragePooling3D);
LAYERCTL_REGISTER_ALIAS(AveragePooling3D, AvgPool3D);

}  // namespace
}  // namespace layerctl
