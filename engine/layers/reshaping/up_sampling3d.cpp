// UpSampling3D: repeats the elements of a volume along its three axes.
#include "engine/layers/reshaping/up_sampling.hpp"

namespace layerctl {
namespace {

class UpSampling3D final : public UpSampling {
public:
    UpSampling3D() : UpSampling(3) {}

private:
    void config(ConfigIo& io) override {
        io.optional("size", per_axis(size, 3), positive);
        io.optional("data_format", data_format);
    }
};

LAYERCTL_REGISTER_LAYER(UpSampling3D);

}  // namespace
}  // namespace layerctl
