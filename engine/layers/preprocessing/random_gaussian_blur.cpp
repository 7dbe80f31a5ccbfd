// RandomGaussianBlur: blurs images, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class RandomGaussianBlur final : public Augmentation {
    Factor factor{1};
    std::vector<std::int64_t> kernel_size{3, 3};
    Factor sigma{1};
    ValueRange value_range;

    void augmentation_config(ConfigIo& io) override {
        io.optional("factor", factor);
        io.optional("kernel_size", per_axis(kernel_size, 2), positive);
        io.optional("sigma", sigma);
        io.optional("value_range", value_range);
    }
};

LAYERCTL_REGISTER_LAYER(RandomGaussianBlur);

}  // namespace
}  // namespace layerctl
