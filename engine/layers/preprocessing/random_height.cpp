// RandomHeight: stretches or squeezes images along one axis, in training only.
#include "engine/layers/preprocessing/random_size.hpp"

namespace layerctl {
namespace {

class RandomHeight final : public RandomSize {
    std::size_t axis_from_the_back() const override { return 3; }
};

LAYERCTL_REGISTER_LAYER(RandomHeight);

}  // namespace
}  // namespace layerctl
