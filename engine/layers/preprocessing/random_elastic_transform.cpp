// RandomElasticTransform: bends images, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class RandomElasticTransform final : public Augmentation {
    Factor factor{1};
    Factor scale{1};
    ValueRange value_range;
    Sampling sampling;

    void augmentation_config(ConfigIo& io) override {
        io.optional("factor", factor);
        io.optional("scale", scale);
        io.optional("value_range", value_range);
        sampling.config(io);
    }
};

LAYERCTL_REGISTER_LAYER(RandomElasticTransform);

}  // namespace
}  // namespace layerctl
