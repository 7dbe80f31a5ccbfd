// SpatialDropout1D: acts in training only.
#include "engine/layers/core/pass_through.hpp"

namespace layerctl {
namespace {

class SpatialDropout1D final : public PassThrough {
    void config(ConfigIo& io) override {
        io.ignored("rate");
        io.ignored("seed");
        io.ignored("noise_shape");
        io.ignored("data_format");
    }
};

LAYERCTL_REGISTER_LAYER(SpatialDropout1D);

}  // namespace
}  // namespace layerctl
