// RandomErasing: covers parts of images, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class RandomErasing final : public Augmentation {
    Factor factor{1};
    Factor scale{0.02, 0.33};
    std::optional<double> fill_value;
    ValueRange value_range;

    void augmentation_config(ConfigIo& io) override {
        io.optional("factor", factor);
        io.optional("scale", scale);
        io.optional("fill_value", fill_value);
        io.optional("value_range", value_range);
    }
};

LAYERCTL_REGISTER_LAYER(RandomErasing);

}  // namespace
}  // namespace layerctl
