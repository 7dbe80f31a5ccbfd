// Tensor: aligned bytes with a dtype and a shape, row-major. A value type whose copies share bytes until one is
// written.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dtype.hpp"
#include "shape.hpp"

namespace layerctl {

class Tensor {
public:
    /// Bytes start at a multiple of this many bytes, but for those of `of`.
    static constexpr std::size_t alignment = 64;

    /// Holds nothing; `has_value()` is false.
    Tensor() = default;

    /// Zeros (or empty strings) of a fully known shape. A size beyond 64 bits is Code::refused; bad_alloc passes
    /// through.
    Tensor(DType dtype, Shape shape);

    /// As above, with bytes left as they come; for callers that write every element.
    static Tensor uninitialized(DType dtype, Shape shape);

    /// A copy of `values` in row-major order; as many as the shape has elements, else Code::usage.
    template <class T>
    static Tensor from(Shape shape, std::span<const T> values);
    template <class T>
    static Tensor from(Shape shape, const std::vector<T>& values) {
        return from(std::move(shape), std::span<const T>(values));
    }

    /// Elements that lie elsewhere, where a multiple of their size may be the alignment; `owner` keeps them there. They
    /// must be writable: they are written if no other tensor and nobody else holds `owner`.
    static Tensor of(DType dtype, Shape shape, std::shared_ptr<std::byte> owner);

    /// A tensor of strings, one per element.
    static Tensor strings(Shape shape, std::vector<std::string> values);

    bool has_value() const noexcept { return bytes_ != nullptr || strings_ != nullptr; }
    DType dtype() const noexcept { return dtype_; }
    const Shape& shape() const noexcept { return shape_; }
    std::size_t elements() const noexcept { return elements_; }

    /// Bytes held; 0 for strings.
    std::size_t byte_size() const noexcept { return elements_ * dtype_size(dtype_); }

    const std::byte* data() const noexcept { return bytes_.get(); }

    /// Bytes to write; they are copied first if another tensor shares them.
    std::byte* mutable_data();

    /// The elements; asking for another type than `dtype()` is Code::internal.
    template <class T>
    std::span<const T> values() const {
        expect(dtype_of<T>);
        return {reinterpret_cast<const T*>(bytes_.get()), elements_};
    }
    template <class T>
    std::span<T> mutable_values() {
        expect(dtype_of<T>);
        return {reinterpret_cast<T*>(mutable_data()), elements_};
    }

    /// The elements of a string tensor.
    const std::vector<std::string>& string_values() const;
    std::vector<std::string>& mutable_string_values();

    /// The same bytes under another shape of as many elements; Code::shape otherwise.
    Tensor reshaped(Shape shape) const;

    /// The numbers in another dtype: floats round to nearest even, float to integer truncates (as numpy's astype).
    /// The same dtype shares bytes. Strings convert to nothing: Code::input.
    Tensor cast(DType dtype) const;

    /// The rows [first, last) of axis 0, copied.
    Tensor rows(std::int64_t first, std::int64_t last) const;

private:
    void expect(DType dtype) const;

    DType dtype_ = DType::float32;
    Shape shape_;
    std::size_t elements_ = 0;
    std::shared_ptr<std::byte> bytes_;
    std::shared_ptr<std::vector<std::string>> strings_;
};

using Tensors = std::vector<Tensor>;

/// Bitwise equality of dtype, shape and contents (NaNs by their bits).
bool identical(const Tensor& a, const Tensor& b);

namespace detail {
Tensor tensor_from_bytes(DType dtype, Shape shape, const void* bytes, std::size_t elements);
}

template <class T>
Tensor Tensor::from(Shape shape, std::span<const T> values) {
    return detail::tensor_from_bytes(dtype_of<T>, std::move(shape), values.data(), values.size());
}

}  // namespace layerctl
