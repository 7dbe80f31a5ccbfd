// MaxPooling1D: maxima under a window sliding over steps.
#include "engine/layers/pooling/pooling.hpp"

namespace layerctl {
namespace {

class MaxPooling1D final : public WindowPooling {
public:
    MaxPooling1D() : WindowPooling(1, ops::Pooling::max) {}
};

LAYERCTL_REGISTER_LAYER(MaxPooling1D);
LAYERCTL_REGISTER_ALIAS(MaxPooling1D, MaxPool1D);

}  // namespace
}  // namespace layerctl
