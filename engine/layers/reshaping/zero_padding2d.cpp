// ZeroPadding2D: puts margins of zeros around an image.
#include "engine/layers/reshaping/margins.hpp"

namespace layerctl {
namespace {

class ZeroPadding2D final : public MarginLayer {
public:
    ZeroPadding2D() : MarginLayer(2, 1, "padding", 1) {}
};

LAYERCTL_REGISTER_LAYER(ZeroPadding2D);

}  // namespace
}  // namespace layerctl
