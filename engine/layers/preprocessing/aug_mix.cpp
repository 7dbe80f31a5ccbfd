// AugMix: mixes images with augmented versions of them, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class AugMix final : public Augmentation {
    std::int64_t num_chains = 3, chain_depth = 3;
    Factor factor{0.3};
    double alpha = 1;
    bool all_ops = true;
    Interpolation interpolation = Interpolation::bilinear;
    ValueRange value_range;

    void augmentation_config(ConfigIo& io) override {
        io.optional("num_chains", num_chains, not_negative);
        io.optional("chain_depth", chain_depth, not_negative);
        io.optional("factor", factor);
        io.optional("alpha", alpha);
        io.optional("all_ops", all_ops);
        io.optional("interpolation", interpolation, nearest_or_bilinear);
        io.optional("value_range", value_range);
    }
};

LAYERCTL_REGISTER_LAYER(AugMix);

}  // namespace
}  // namespace layerctl
