// RandomZoom: magnifies images, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class RandomZoom final : public Augmentation {
    Factor height_factor;
    std::optional<Factor> width_factor;
    Sampling sampling;

    void augmentation_config(ConfigIo& io) override {
        io.required("height_factor", height_factor);
        io.optional("width_factor", width_factor);
        sampling.config(io);
    }
};

LAYERCTL_REGISTER_LAYER(RandomZoom);

}  // namespace
}  // namespace layerctl
