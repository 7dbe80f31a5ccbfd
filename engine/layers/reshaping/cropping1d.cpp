// Cropping1D: cuts margins off steps.
#include "engine/layers/reshaping/margins.hpp"

namespace layerctl {
namespace {

class Cropping1D final : public MarginLayer {
public:
    Cropping1D() : MarginLayer(1, -1, "cropping", 1) {}
};

LAYERCTL_REGISTER_LAYER(Cropping1D);

}  // namespace
}  // namespace layerctl
