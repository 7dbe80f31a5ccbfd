// Cropping2D: cuts margins off an image.
#include "engine/layers/reshaping/margins.hpp"

namespace layerctl {
namespace {

class Cropping2D final : public MarginLayer {
public:
    Cropping2D() : MarginLayer(2, -1, "cropping", 0) {}
};

LAYERCTL_REGISTER_LAYER(Cropping2D);

}  // namespace
}  // namespace layerctl
