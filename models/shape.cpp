#include "models/shape.hpp"

#include <algorithm>
#include <ostream>

#include "models/error.hpp"

namespace layerctl {

bool Shape::is_known() const noexcept {
    return std::none_of(dims_.begin(), dims_.end(), [](std::int64_t dim) { return dim < 0; });
}

std::int64_t Shape::elements() const { return elements(0, rank()); }

std::int64_t Shape::elements(std::size_t first, std::size_t last) const {
    std::int64_t product = 1;
    for (std::size_t axis = first; axis < last; ++axis) {
        if (dims_[axis] < 0) fail(Code::internal, "shape ", *this, " is not fully known");
        if (__builtin_mul_overflow(product, dims_[axis], &product))
            fail(Code::refused, "shape ", *this, " holds more elements than 64 bits count");
    }
    return product;
}

Shape Shape::prepended(std::int64_t dim) const {
    std::vector<std::int64_t> dims = dims_;
    dims.insert(dims.begin(), dim);
    return Shape(std::move(dims));
}

Shape Shape::with(std::size_t axis, std::int64_t dim) const {
    Shape copy = *this;
    copy.dims_.at(axis) = dim;
    return copy;
}

Shape Shape::slice(std::size_t first, std::size_t last) const {
    const auto at = [this](std::size_t axis) { return dims_.begin() + static_cast<std::ptrdiff_t>(axis); };
    return Shape(std::vector<std::int64_t>(at(first), at(last)));
}

bool Shape::is_compatible_with(const Shape& other) const noexcept {
    return std::equal(dims_.begin(), dims_.end(), other.dims_.begin(), other.dims_.end(),
                      [](std::int64_t a, std::int64_t b) { return a == b || a < 0 || b < 0; });
}

std::string Shape::text() const {
    std::string out = "(";
    for (std::size_t axis = 0; axis < rank(); ++axis) {
        if (axis > 0) out += ", ";
        out += dims_[axis] < 0 ? "None" : std::to_string(dims_[axis]);
    }
    return out + (rank() == 1 ? ",)" : ")");
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << shape.text(); }

std::ostream& operator<<(std::ostream& out, const Shapes& shapes) {
    out << "[";
    for (std::size_t i = 0; i < shapes.size(); ++i) out << (i > 0 ? ", " : "") << shapes[i];
    return out << "]";
}

std::size_t resolve_axis(std::int64_t axis, std::size_t rank) {
    const auto signed_rank = static_cast<std::int64_t>(rank);
    if (axis < -signed_rank || axis >= signed_rank)
        fail(Code::config, "axis ", axis, " is outside a tensor of rank ", rank);
    return static_cast<std::size_t>(axis < 0 ? axis + signed_rank : axis);
}

}  // namespace layerctl
