// LocallyConnected2D: a kernel of its own at every position.
#include "engine/layers/convolutional/locally_connected.hpp"

namespace layerctl {
namespace {

class LocallyConnected2D final : public LocallyConnected {
public:
    LocallyConnected2D() : LocallyConnected(2) {}
};

LAYERCTL_REGISTER_LAYER(LocallyConnected2D);

}  // namespace
}  // namespace layerctl
