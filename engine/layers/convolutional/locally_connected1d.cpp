// LocallyConnected1D: a kernel of its own at every step.
#include "engine/layers/convolutional/locally_connected.hpp"

namespace layerctl {
namespace {

class LocallyConnected1D final : public LocallyConnected {
public:
    LocallyConnected1D() : LocallyConnected(1) {}
};

LAYERCTL_REGISTER_LAYER(LocallyConnected1D);

}  // namespace
}  // namespace layerctl
