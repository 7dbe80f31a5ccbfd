// Dropout: acts in training only.
#include "engine/layers/core/pass_through.hpp"

namespace layerctl {
namespace {

class Dropout final : public PassThrough {
    void config(ConfigIo& io) override {
        io.ignored("rate");
        io.ignored("seed");
        io.ignored("noise_shape");
    }
};

LAYERCTL_REGISTER_LAYER(Dropout);

}  // namespace
}  // namespace layerctl
