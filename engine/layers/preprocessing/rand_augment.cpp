// RandAugment: augments images in several ways, one after another, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class RandAugment final : public Augmentation {
    std::int64_t num_ops = 2;
    Factor factor{0.5};
    Interpolation interpolation = Interpolation::bilinear;
    ValueRange value_range;

    void augmentation_config(ConfigIo& io) override {
        io.optional("num_ops", num_ops, not_negative);
        io.optional("factor", factor);
        io.optional("interpolation", interpolation, nearest_or_bilinear);
        io.optional("value_range", value_range);
    }
};

LAYERCTL_REGISTER_LAYER(RandAugment);

}  // namespace
}  // namespace layerctl
