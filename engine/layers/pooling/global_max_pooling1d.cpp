// GlobalMaxPooling1D: the maximum of every channel of steps.
#include "engine/layers/pooling/global_pooling.hpp"

namespace layerctl {
namespace {

class GlobalMaxPooling1D final : public GlobalPooling {
public:
    GlobalMaxPooling1D() : GlobalPooling(1, ops::Pooling::max) {}
};

LAYERCTL_REGISTER_LAYER(GlobalMaxPooling1D);
LAYERCTL_REGISTER_ALIAS(GlobalMaxPooling1D, GlobalMaxPool1D);

}  // namespace
}  // namespace layerctl
