// UpSampling1D: repeats every step.
#include "engine/layers/reshaping/up_sampling.hpp"

namespace layerctl {
namespace {

class UpSampling1D final : public UpSampling {
public:
    UpSampling1D() : UpSampling(1) {}

private:
    void config(ConfigIo& io) override { io.optional("size", size[0], positive); }
};

LAYERCTL_REGISTER_LAYER(UpSampling1D);

}  // namespace
}  // namespace layerctl
