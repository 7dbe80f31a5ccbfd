// Maximum: the largest of the inputs, element by element.
#include "engine/layers/merging/extremum.hpp"

namespace layerctl {
namespace {

class Maximum final : public Extremum<PickLarger> {};

LAYERCTL_REGISTER_LAYER(Maximum);

}  // namespace
}  // namespace layerctl
