#include "tests/golden/compare.hpp"

#include <cmath>

#include "models/error.hpp"

namespace layerctl::golden {
namespace {

bool close(double wanted, double found, Tolerance tolerance) {
    if (std::isnan(wanted) || std::isnan(found)) return std::isnan(wanted) && std::isnan(found);
    if (std::isinf(wanted) || std::isinf(found)) return wanted == found;
    return std::abs(found - wanted) <= tolerance.absolute + tolerance.relative * std::abs(wanted);
}

std::string position(std::size_t index, const Shape& shape) {
    Shape at = shape;
    for (std::size_t axis = shape.rank(); axis-- > 0;) {
        const auto size = static_cast<std::size_t>(shape[axis]);
        at[axis] = static_cast<std::int64_t>(index % size);
        index /= size;
    }
    return at.text();
}

template <class T, class Equal>
std::optional<std::string> first_difference(const T& wanted, const T& found, const Shape& shape, Equal equal) {
    std::optional<std::string> text;
    std::size_t count = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (equal(wanted[i], found[i])) continue;
        if (count++ == 0) text = cat("at ", position(i, shape), " wanted ", wanted[i], ", found ", found[i]);
    }
    if (text) *text += cat(" (", count, " of ", wanted.size(), " differ)");
    return text;
}

// numpy has no bfloat16; the corpus stores such results as float32.
bool same_dtype(DType recorded, DType found) {
    return recorded == found || (recorded == DType::float32 && found == DType::bfloat16);
}

std::optional<std::string> different_elements(const Tensor& wanted, const Tensor& found, Tolerance tolerance) {
    if (wanted.dtype() == DType::string)
        return first_difference(wanted.string_values(), found.string_values(), wanted.shape(), std::equal_to<>());
    if (!is_floating(wanted.dtype())) {
        const Tensor a = wanted.cast(DType::int64), b = found.cast(DType::int64);
        return first_difference(a.values<std::int64_t>(), b.values<std::int64_t>(), wanted.shape(), std::equal_to<>());
    }
    const Tensor a = wanted.cast(DType::float64), b = found.cast(DType::float64);
    return first_difference(a.values<double>(), b.values<double>(), wanted.shape(),
                            [&](double x, double y) { return close(x, y, tolerance); });
}

}  // namespace

std::optional<std::string> difference(const Tensor& wanted, const Tensor& found, Tolerance tolerance) {
    if (wanted.shape() != found.shape()) return cat("wanted shape ", wanted.shape(), ", found ", found.shape());
    if (!same_dtype(wanted.dtype(), found.dtype()))
        return cat("wanted dtype ", wanted.dtype(), ", found ", found.dtype());
    return different_elements(wanted, found, tolerance);
}

std::optional<std::string> difference(const Tensors& wanted, const Tensors& found, Tolerance tolerance) {
    if (wanted.size() != found.size()) return cat("wanted ", wanted.size(), " outputs, found ", found.size());
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (const auto text = difference(wanted[i], found[i], tolerance)) return cat("output ", i, " ", *text);
    return std::nullopt;
}

}  // namespace layerctl::golden
