// Convolutions read zeros beyond the borders of their input anyway: those that a layer puts there need not be written.
#include <algorithm>
#include <cmath>

#include "engine/plan/passes.hpp"

namespace layerctl::plan {
namespace {

/// The geometry over what lies within the padding; nothing if more than spatial axes grow, or some shrink.
std::optional<ops::ConvShape> within(const Pad& pad, ops::ConvShape shape) {
    const std::size_t rank = pad.before.size();
    for (std::size_t axis = 0; axis < rank; ++axis) {
        const std::int64_t before = pad.before[axis], behind = pad.behind[axis];
        if (before == 0 && behind == 0) continue;
        if (before < 0 || behind < 0 || axis == 0 || axis + 1 == rank) return {};
        const std::size_t place = shape.axes.size() + 1 + axis - rank;
        if (place >= shape.axes.size()) return {};
        shape.axes[place].in -= before + behind;
        shape.axes[place].before += before;
        if (shape.axes[place].in < 1) return {};
    }
    return shape;
}

/// Zeros that are left out must not have become NaN.
bool is_finite(const Tensor& kernel) {
    const std::span<const float> values = kernel.values<float>();
    return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

template <class Windowed>
bool absorb(Request& into, const Windowed& request) {
    const Pad* pad = std::get_if<Pad>(&into);
    if (pad == nullptr || !is_finite(request.kernel)) return false;
    const std::optional<ops::ConvShape> shape = within(*pad, request.shape);
    if (!shape) return false;
    Windowed whole = request;
    whole.shape = *shape;
    into = std::move(whole);
    return true;
}

}  // namespace

void absorb_padding(Operations& operations) {
    operations.absorb_each<Convolution>(absorb<Convolution>);
    operations.absorb_each<Depthwise>(absorb<Depthwise>);
}

}  // namespace layerctl::plan
