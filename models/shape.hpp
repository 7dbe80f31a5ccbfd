// The dimensions of a tensor; a dimension may be unknown (Keras' None).
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <vector>

namespace layerctl {

/// Sizes per axis, outermost first. Layer shapes include the batch axis; weight shapes do not have one.
class Shape {
public:
    static constexpr std::int64_t unknown = -1;

    Shape() = default;
    Shape(std::initializer_list<std::int64_t> dims) : dims_(dims) {}
    explicit Shape(std::vector<std::int64_t> dims) : dims_(std::move(dims)) {}

    std::size_t rank() const noexcept { return dims_.size(); }
    std::int64_t operator[](std::size_t axis) const { return dims_[axis]; }
    std::int64_t& operator[](std::size_t axis) { return dims_[axis]; }
    std::int64_t front() const { return dims_.front(); }
    std::int64_t back() const { return dims_.back(); }
    auto begin() const noexcept { return dims_.begin(); }
    auto end() const noexcept { return dims_.end(); }
    const std::vector<std::int64_t>& dims() const noexcept { return dims_; }

    /// No dimension is unknown.
    bool is_known() const noexcept;

    /// Product of all dimensions; 1 for a scalar. An unknown dimension is an internal error, an overflow is refused.
    std::int64_t elements() const;

    /// Product of the dimensions [first, last).
    std::int64_t elements(std::size_t first, std::size_t last) const;

    /// A copy with one dimension replaced.
    Shape with(std::size_t axis, std::int64_t dim) const;
    Shape with_front(std::int64_t dim) const { return with(0, dim); }
    Shape with_back(std::int64_t dim) const { return with(rank() - 1, dim); }

    /// A copy with one dimension more, before the others.
    Shape prepended(std::int64_t dim) const;

    /// The dimensions [first, last).
    Shape slice(std::size_t first, std::size_t last) const;

    /// Same rank, and equal wherever both are known.
    bool is_compatible_with(const Shape& other) const noexcept;

    /// A Python tuple: "(None, 3)", "(7,)", "()".
    std::string text() const;

    friend bool operator==(const Shape&, const Shape&) = default;

private:
    std::vector<std::int64_t> dims_;
};

using Shapes = std::vector<Shape>;

std::ostream& operator<<(std::ostream& out, const Shape& shape);
std::ostream& operator<<(std::ostream& out, const Shapes& shapes);

/// Axis in [0, rank) for a Keras axis in [-rank, rank); anything else is Code::config.
std::size_t resolve_axis(std::int64_t axis, std::size_t rank);

}  // namespace layerctl
