// ZeroPadding1D: puts margins of zeros around steps.
#include "engine/layers/reshaping/margins.hpp"

namespace layerctl {
namespace {

class ZeroPadding1D final : public MarginLayer {
public:
    ZeroPadding1D() : MarginLayer(1, 1, "padding", 1) {}
};

LAYERCTL_REGISTER_LAYER(ZeroPadding1D);

}  // namespace
}  // namespace layerctl
