// AveragePooling2D: means under a window sliding over an image; padding does not count.
#include "engine/layers/pooling/pooling.hpp"

namespace layerctl {
namespace {

class AveragePooling2D final : public WindowPooling {
public:
    AveragePooling2D() : WindowPooling(2, ops::Pooling::average) {}
};

LAYERCTL_REGISTER_LAYER(AveragePooling2D);
LAYERCTL_REGISTER_ALIAS(AveragePooling2D, AvgPool2D);

}  // namespace
}  // namespace layerctl
