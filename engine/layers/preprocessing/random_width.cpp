// RandomWidth: stretches or squeezes images along one axis, in training only.
#include "engine/layers/preprocessing/random_size.hpp"

namespace layerctl {
namespace {

class RandomWidth final : public RandomSize {
    std::size_t axis_from_the_back() const override { return 2; }
};

LAYERCTL_REGISTER_LAYER(RandomWidth);

}  // namespace
}  // namespace layerctl
