#include "models/tensor.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <type_traits>

#include "models/dispatch.hpp"
#include "models/error.hpp"

namespace layerctl {
namespace {

std::size_t checked_bytes(DType dtype, std::size_t elements) {
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(elements, dtype_size(dtype), &bytes) || bytes > PTRDIFF_MAX / 2)
        fail(Code::refused, "a tensor of ", elements, " elements of ", dtype, " does not fit into memory");
    return bytes;
}

/// Large arrays in huge pages, where the system grants them: half of the time to load one is page faults else.
std::shared_ptr<std::byte> allocate(std::size_t bytes) {
    constexpr std::size_t huge = 1 << 21;
    const std::size_t alignment = bytes >= 2 * huge ? huge : Tensor::alignment;
    const std::size_t rounded = (bytes + alignment) / alignment * alignment;
    auto* memory = static_cast<std::byte*>(std::aligned_alloc(alignment, rounded));
    if (memory == nullptr) throw std::bad_alloc();
    if (alignment == huge) madvise(memory, rounded, MADV_HUGEPAGE);
    return {memory, [](std::byte* p) { std::free(p); }};
}

template <class From>
auto widen(From value) {
    if constexpr (std::is_same_v<From, float16> || std::is_same_v<From, bfloat16>) return to_float(value);
    else return value;
}

template <class To, class From>
To saturated(From value) {
    if (value != value) return To{0};
    if (value >= static_cast<From>(std::numeric_limits<To>::max())) return std::numeric_limits<To>::max();
    if (value <= static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
    return static_cast<To>(value);
}

// Out-of-range floats are undefined in C++. The small types wrap around, as in numpy and TensorFlow; the others
// saturate.
template <class To, class From>
To integer_from(From value) {
    constexpr bool wraps = sizeof(To) < 4 || std::is_same_v<To, std::uint32_t>;
    if constexpr (wraps) return static_cast<To>(saturated<std::int64_t>(value));
    else return saturated<To>(value);
}

template <class To, class From>
To convert(From value) {
    const auto wide = widen(value);
    if constexpr (std::is_same_v<To, float16>) return to_float16(static_cast<float>(wide));
    else if constexpr (std::is_same_v<To, bfloat16>) return to_bfloat16(static_cast<float>(wide));
    else if constexpr (std::is_same_v<To, bool>) return wide != 0;
    else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<decltype(wide)>)
        return integer_from<To>(wide);
    else return static_cast<To>(wide);
}

}  // namespace

Tensor Tensor::uninitialized(DType dtype, Shape shape) {
    Tensor tensor;
    tensor.dtype_ = dtype;
    tensor.elements_ = static_cast<std::size_t>(shape.elements());
    tensor.shape_ = std::move(shape);
    if (dtype == DType::string) tensor.strings_ = std::make_shared<std::vector<std::string>>(tensor.elements_);
    else tensor.bytes_ = allocate(checked_bytes(dtype, tensor.elements_));
    return tensor;
}

Tensor::Tensor(DType dtype, Shape shape) : Tensor(uninitialized(dtype, std::move(shape))) {
    if (bytes_ != nullptr) std::memset(bytes_.get(), 0, byte_size());
}

Tensor detail::tensor_from_bytes(DType dtype, Shape shape, const void* bytes, std::size_t elements) {
    Tensor tensor = Tensor::uninitialized(dtype, std::move(shape));
    if (tensor.elements() != elements)
        fail(Code::usage, "shape ", tensor.shape(), " has ", tensor.elements(), " elements, ", elements, " were given");
    if (elements > 0) std::memcpy(tensor.mutable_data(), bytes, tensor.byte_size());
    return tensor;
}

Tensor Tensor::of(DType dtype, Shape shape, std::shared_ptr<std::byte> owner) {
    Tensor tensor;
    tensor.dtype_ = dtype;
    tensor.elements_ = static_cast<std::size_t>(shape.elements());
    tensor.shape_ = std::move(shape);
    tensor.bytes_ = std::move(owner);
    return tensor;
}

Tensor Tensor::strings(Shape shape, std::vector<std::string> values) {
    Tensor tensor = uninitialized(DType::string, std::move(shape));
    if (tensor.elements_ != values.size())
        fail(Code::usage, "shape ", tensor.shape_, " has ", tensor.elements_, " elements, ", values.size(),
             " were given");
    *tensor.strings_ = std::move(values);
    return tensor;
}

std::byte* Tensor::mutable_data() {
    if (bytes_.use_count() > 1) {
        auto copy = allocate(byte_size());
        std::memcpy(copy.get(), bytes_.get(), byte_size());
        bytes_ = std::move(copy);
    }
    return bytes_.get();
}

const std::vector<std::string>& Tensor::string_values() const {
    expect(DType::string);
    return *strings_;
}

std::vector<std::string>& Tensor::mutable_string_values() {
    expect(DType::string);
    if (strings_.use_count() > 1) strings_ = std::make_shared<std::vector<std::string>>(*strings_);
    return *strings_;
}

Tensor Tensor::reshaped(Shape shape) const {
    if (static_cast<std::size_t>(shape.elements()) != elements_)
        fail(Code::shape, "a tensor of shape ", shape_, " cannot take shape ", shape);
    Tensor other = *this;
    other.shape_ = std::move(shape);
    return other;
}

Tensor Tensor::cast(DType dtype) const {
    if (dtype == dtype_) return *this;
    if (dtype == DType::string || dtype_ == DType::string) fail(Code::input, "wanted ", dtype, ", found ", dtype_);
    Tensor result = uninitialized(dtype, shape_);
    with_numeric(dtype_, [&]<class From>(Type<From>) {
        with_numeric(dtype, [&]<class To>(Type<To>) {
            const auto source = values<From>();
            const auto target = result.mutable_values<To>();
            for (std::size_t i = 0; i < source.size(); ++i) target[i] = convert<To>(source[i]);
        });
    });
    return result;
}

Tensor Tensor::rows(std::int64_t first, std::int64_t last) const {
    if (shape_.rank() == 0 || first < 0 || last < first || last > shape_.front())
        fail(Code::usage, "rows [", first, ", ", last, ") of a tensor of shape ", shape_);
    Tensor result = uninitialized(dtype_, shape_.with_front(last - first));
    const std::size_t row = shape_.front() == 0 ? 0 : elements_ / static_cast<std::size_t>(shape_.front());
    const std::size_t begin = row * static_cast<std::size_t>(first);
    if (dtype_ == DType::string) {
        const auto from = strings_->begin() + static_cast<std::ptrdiff_t>(begin);
        result.strings_->assign(from, from + static_cast<std::ptrdiff_t>(result.elements_));
    } else if (result.elements_ > 0) {
        std::memcpy(result.bytes_.get(), bytes_.get() + begin * dtype_size(dtype_), result.byte_size());
    }
    return result;
}

void Tensor::expect(DType dtype) const {
    if (dtype_ != dtype || !has_value())
        fail(Code::internal, "tensor elements read as ", dtype, ", they are ",
             has_value() ? dtype_name(dtype_) : "absent");
}

bool identical(const Tensor& a, const Tensor& b) {
    if (a.dtype() != b.dtype() || a.shape() != b.shape() || a.has_value() != b.has_value()) return false;
    if (!a.has_value()) return true;
    if (a.dtype() == DType::string) return a.string_values() == b.string_values();
    return a.byte_size() == 0 || std::memcmp(a.data(), b.data(), a.byte_size()) == 0;
}

}  // namespace layerctl
