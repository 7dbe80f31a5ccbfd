// StochasticDepth, of keras.applications' ConvNeXt: drops whole paths, in training only.
#include "engine/layers/core/pass_through.hpp"

namespace layerctl {
namespace {

class StochasticDepth final : public PassThrough {
    void config(ConfigIo& io) override { io.ignored("drop_path_rate"); }
    bool supports_masking() const override { return false; }
};

LAYERCTL_REGISTER_LAYER(StochasticDepth);

}  // namespace
}  // namespace layerctl
