#include "engine/ops/table/take.hpp"

#include <algorithm>
#include <cstring>

#include "models/error.hpp"

namespace layerctl::ops {

Tensor take(const Tensor& x, std::size_t axis, const std::vector<std::int64_t>& from) {
    if (x.dtype() == DType::string) fail(Code::unsupported, "strings where numbers are wanted");
    const Shape& shape = x.shape();
    for (const std::int64_t index : from)
        if (index < 0 || index >= shape[axis])
            fail(Code::input, "index ", index, " is out of range for axis ", axis, " of shape ", shape);
    Tensor y = Tensor::uninitialized(x.dtype(), shape.with(axis, static_cast<std::int64_t>(from.size())));
    const std::size_t inner = static_cast<std::size_t>(shape.elements(axis + 1, shape.rank())) * dtype_size(x.dtype());
    const std::size_t line = static_cast<std::size_t>(shape[axis]) * inner;
    const std::byte* source = x.data();
    std::byte* to = y.mutable_data();
    if (inner == 0) return y;
    for (std::int64_t outer = shape.elements(0, axis); outer > 0; --outer, source += line)
        for (const std::int64_t index : from) {
            std::memcpy(to, source + static_cast<std::size_t>(index) * inner, inner);
            to += inner;
        }
    return y;
}

}  // namespace layerctl::ops
