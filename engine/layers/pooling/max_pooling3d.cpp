// MaxPooling3D: maxima under a window sliding over a volume.
#include "engine/layers/pooling/pooling.hpp"

namespace layerctl {
namespace {

class MaxPooling3D final : public WindowPooling {
public:
    MaxPooling3D() : WindowPooling(3, ops::Pooling::max) {}
};

LAYERCTL_REGISTER_LAYER(MaxPooling3D);
LAYERCTL_REGISTER_ALIAS(MaxPooling3D, MaxPool3D);

}  // namespace
}  // namespace layerctl
