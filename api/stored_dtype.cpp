#include "api/stored_dtype.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>

#include "models/error.hpp"

namespace layerctl {
namespace {

/// A float32 on the same side of every number with fewer digits: what is cut off sets the last bit, so that the next
/// rounding is the only one.
float rounded_to_odd(double number) {
    const auto nearest = static_cast<float>(number);
    const bool exact = static_cast<double>(nearest) == number || std::isnan(number);
    if (exact || (std::bit_cast<std::uint32_t>(nearest) & 1U) != 0) return nearest;
    return std::nextafter(nearest, number > static_cast<double>(nearest) ? INFINITY : -INFINITY);
}

Tensor rounded(const Tensor& tensor, DType dtype) {
    if (tensor.dtype() != DType::float64 || dtype_size(dtype) != 2) return tensor.cast(dtype);
    Tensor floats = Tensor::uninitialized(DType::float32, tensor.shape());
    const auto from = tensor.values<double>();
    const auto to = floats.mutable_values<float>();
    for (std::size_t i = 0; i < from.size(); ++i) to[i] = rounded_to_odd(from[i]);
    return floats.cast(dtype);
}

/// The largest change of a number relative to it.
double largest_change(const Tensor& before, const Tensor& after) {
    const Tensor left = before.cast(DType::float64), right = after.cast(DType::float64);
    double largest = 0;
    for (std::size_t i = 0; i < left.elements(); ++i) {
        const double from = left.values<double>()[i], to = right.values<double>()[i];
        if (!std::isfinite(from) || from == 0) continue;
        if (!std::isfinite(to)) fail(Code::unsupported, "the number ", from, " is beyond ", after.dtype());
        largest = std::max(largest, std::abs((to - from) / from));
    }
    return largest;
}

StoredWeight converted(const StoredWeight& weight, DType dtype, Rounding& rounding) {
    const Tensor before = weight.read();
    const Tensor after = rounded(before, dtype);
    const double change = largest_change(before, after);
    ++rounding.weights;
    if (change > rounding.largest) {
        rounding.largest = change;
        rounding.weight = weight.name;
    }
    return {weight.name, dtype, after.shape(), [after] { return after; }};
}

void convert(std::vector<StoredWeight>& weights, DType dtype, Rounding& rounding) {
    for (StoredWeight& weight : weights)
        if (is_floating(weight.dtype) && weight.dtype != dtype)
            weight = in_context(cat("weight '", weight.name, "'"), [&] { return converted(weight, dtype, rounding); });
}

}  // namespace

WeightStore stored_as(WeightStore store, DType dtype, Rounding& rounding) {
    if (!is_floating(dtype))
        fail(Code::usage, "weights stored as ", dtype, ": wanted float16, bfloat16, float32 or float64");
    for (WeightGroup& group : store.groups) convert(group.weights, dtype, rounding);
    convert(store.top_level, dtype, rounding);
    store.file.reset();  // they are no longer as they stand there
    return store;
}

std::string rounding_text(const Rounding& rounding, DType dtype) {
    const std::string stored =
        cat(rounding.weights, rounding.weights == 1 ? " weight" : " weights", " stored as ", dtype);
    if (rounding.weight.empty()) return stored + "; no number changed";
    char change[32];
    std::snprintf(change, sizeof change, "%.2e", rounding.largest);
    return cat(stored, "; the largest relative change of a number is ", change, ", in '", rounding.weight, "'");
}

}  // namespace layerctl
