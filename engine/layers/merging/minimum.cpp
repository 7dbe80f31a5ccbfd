// Minimum: the smallest of the inputs, element by element.
#include "engine/layers/merging/extremum.hpp"

namespace layerctl {
namespace {

class Minimum final : public Extremum<PickSmaller> {};

LAYERCTL_REGISTER_LAYER(Minimum);

}  // namespace
}  // namespace layerctl
