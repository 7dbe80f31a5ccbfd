// GaussianDropout: acts in training only.
#include "engine/layers/core/pass_through.hpp"

namespace layerctl {
namespace {

class GaussianDropout final : public PassThrough {
    void config(ConfigIo& io) override {
        io.ignored("rate");
        io.ignored("seed");
    }
};

LAYERCTL_REGISTER_LAYER(GaussianDropout);

}  // namespace
}  // namespace layerctl
