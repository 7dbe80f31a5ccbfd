// ZeroPadding3D: puts margins of zeros around a volume.
#include "engine/layers/reshaping/margins.hpp"

namespace layerctl {
namespace {

class ZeroPadding3D final : public MarginLayer {
public:
    ZeroPadding3D() : MarginLayer(3, 1, "padding", 1) {}
};

LAYERCTL_REGISTER_LAYER(ZeroPadding3D);

}  // namespace
}  // namespace layerctl
