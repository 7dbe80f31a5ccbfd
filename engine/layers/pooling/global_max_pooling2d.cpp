// GlobalMaxPooling2D: the maximum of every channel of an image.
#include "engine/layers/pooling/global_pooling.hpp"

namespace layerctl {
namespace {

class GlobalMaxPooling2D final : public GlobalPooling {
public:
    GlobalMaxPooling2D() : GlobalPooling(2, ops::Pooling::max) {}
};

LAYERCTL_REGISTER_LAYER(GlobalMaxPooling2D);
LAYERCTL_REGISTER_ALIAS(GlobalMaxPooling2D, GlobalMaxPool2D);

}  // namespace
}  // namespace layerctl
