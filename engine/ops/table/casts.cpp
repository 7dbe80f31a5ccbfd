// Numbers under another dtype: cast, cast without wrapping, the same bytes.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "engine/ops/table/requests.hpp"
#include "engine/ops/table/rules.hpp"

namespace layerctl::ops {
namespace {

DType cast_dtype(const Arguments& a) {
    const DType target = a.dtype_named("dtype");
    if (target == DType::string || a.dtype("x") == DType::string) fail(Code::unsupported, "casts of strings");
    return target;
}

Tensors cast(const Arguments& a) {
    const DType target = cast_dtype(a);
    return {x_itself(a).cast(target).cast(carried(target))};
}

/// The ends of an integer dtype; those of uint64 as far as int64 reaches.
std::pair<std::int64_t, std::int64_t> ends_of(DType dtype) {
    const auto bits = static_cast<int>(8 * dtype_size(dtype));
    const bool is_signed = dtype_name(dtype).front() == 'i';
    const std::int64_t most = bits == 64 ? std::numeric_limits<std::int64_t>::max()
                                         : (std::int64_t{1} << (is_signed ? bits - 1 : bits)) - 1;
    return {is_signed ? -most - 1 : 0, most};
}

/// x no further than those ends, or the last number before them that its dtype has.
Tensor within(const Tensor& x, std::pair<std::int64_t, std::int64_t> ends) {
    if (!is_floating(x.dtype()))
        return mapped<std::int64_t>(x.cast(DType::int64),
                                    [&](std::int64_t v) { return std::clamp(v, ends.first, ends.second); });
    return with_float(x.dtype(), [&]<class T>(Type<T>) {
        T most = static_cast<T>(ends.second);
        const bool beyond = most >= T{0x1p63} || static_cast<std::int64_t>(most) > ends.second;
        if (beyond) most = std::nextafter(most, T{0});
        const T least = static_cast<T>(ends.first);
        return mapped<T>(x, [&](T v) { return std::isnan(v) ? v : std::clamp(v, least, most); });
    });
}

/// Keras limits integers by the ends of a float dtype as integers, which have none.
DType saturated_dtype(const Arguments& a) {
    const DType target = cast_dtype(a);
    if (a.keras3() && is_floating(target) && is_integer(a.dtype("x")))
        fail(Code::unsupported, "a saturating cast of ", a.dtype("x"), " to ", target);
    if (!is_integer(target) && a.dtype("x") != target && dtype_size(target) < 4)
        fail(Code::unsupported, "a saturating cast to ", target);
    return target;
}

Tensors saturate_cast(const Arguments& a) {
    const DType target = saturated_dtype(a);
    Tensor x = x_itself(a);
    if (is_integer(target) && x.dtype() != DType::boolean) x = within(x, ends_of(target));
    return {x.cast(target).cast(carried(target))};
}

DType view_dtype(const Arguments& a) {
    const DType own = a.dtype("x"), target = a.given("dtype") ? a.dtype_named("dtype") : own;
    for (const DType dtype : {own, target})
        if (dtype == DType::string || carried(dtype) != dtype || (dtype == DType::boolean && own != target))
            fail(Code::unsupported, "the bytes of ", own, " as ", target);
    if (!a.keras3() && dtype_size(own) != dtype_size(target))
        fail(Code::unsupported, "the bytes of ", own, " as ", target, ", of another size");
    return target;
}

/// Keras 3 lets the last axis grow or shrink with the size of the elements, which no shape rule knows.
Shapes view_shape(const Arguments& a) {
    const Shape x = a.shape("x");
    return {a.keras3() && a.given("dtype") && x.rank() > 0 ? x.with_back(Shape::unknown) : x};
}

Tensors view(const Arguments& a) {
    const DType own = a.dtype("x"), target = view_dtype(a);
    const Tensor x = x_itself(a).cast(own);
    const auto from = static_cast<std::int64_t>(dtype_size(own)), to = static_cast<std::int64_t>(dtype_size(target));
    Shape shape = x.shape();
    if (from != to) {
        if (shape.rank() == 0 || shape.back() * from % to != 0)
            fail(Code::shape, "the last axis of ", shape, " does not divide into elements of ", to, " bytes");
        shape = shape.with_back(shape.back() * from / to);
    }
    Tensor y = Tensor::uninitialized(target, shape);
    if (x.byte_size() > 0) std::memcpy(y.mutable_data(), x.data(), x.byte_size());
    return {y.cast(carried(target))};
}

}  // namespace

const OpList& cast_ops() {
    static const OpList ops = {
        {{"cast"}, {"Cast"}, "x dtype", same_shape, cast_dtype, cast, passed_on},
        {{"dtypes.saturate_cast", "saturate_cast"}, {"SaturateCast"}, "x|value dtype", same_shape, saturated_dtype,
         saturate_cast},
        {{"bitcast"}, {"View"}, "x|input dtype|type=null", view_shape, view_dtype, view},
    };
    return ops;
}

}  // namespace layerctl::ops
