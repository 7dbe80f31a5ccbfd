// Equalization: spreads the values of images over their range, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

class Equalization final : public Augmentation {
    std::int64_t bins = 256;
    ValueRange value_range;

    void augmentation_config(ConfigIo& io) override {
        io.optional("bins", bins, positive);
        io.optional("value_range", value_range);
    }
};

LAYERCTL_REGISTER_LAYER(Equalization);

}  // namespace
}  // namespace layerctl
