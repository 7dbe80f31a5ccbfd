// Cropping3D: cuts margins off a volume.
#include "engine/layers/reshaping/margins.hpp"

namespace layerctl {
namespace {

class Cropping3D final : public MarginLayer {
public:
    Cropping3D() : MarginLayer(3, -1, "cropping", 1) {}
};

LAYERCTL_REGISTER_LAYER(Cropping3D);

}  // namespace
}  // namespace layerctl
