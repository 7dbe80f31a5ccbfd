// MaxPooling2D: maxima under a window sliding over an image.
#include "engine/layers/pooling/pooling.hpp"

namespace layerctl {
namespace {

class MaxPooling2D final : public WindowPooling {
public:
    MaxPooling2D() : WindowPooling(2, ops::Pooling::max) {}
};

LAYERCTL_REGISTER_LAYER(MaxPooling2D);
LAYERCTL_REGISTER_ALIAS(MaxPooling2D, MaxPool2D);

}  // namespace
}  // namespace layerctl
