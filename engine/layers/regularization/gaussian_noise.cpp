// GaussianNoise: acts in training only.
#include "engine/layers/core/pass_through.hpp"

namespace layerctl {
namespace {

class GaussianNoise final : public PassThrough {
    void config(ConfigIo& io) override {
        io.ignored("stddev");
        io.ignored("seed");
    }
};

LAYERCTL_REGISTER_LAYER(GaussianNoise);

}  // namespace
}  // namespace layerctl
