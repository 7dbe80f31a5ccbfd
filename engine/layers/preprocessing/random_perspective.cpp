// RandomPerspective: looks at images from aside, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class RandomPerspective final : public Augmentation {
    Factor factor{1};
    double scale = 1;
    double fill_value = 0;
    Interpolation interpolation = Interpolation::bilinear;

    void augmentation_config(ConfigIo& io) override {
        io.optional("factor", factor);
        io.optional("scale", scale, from_0_to_1);
        io.optional("fill_value", fill_value);
        io.optional("interpolation", interpolation, nearest_or_bilinear);
    }
};

LAYERCTL_REGISTER_LAYER(RandomPerspective);

}  // namespace
}  // namespace layerctl
