// Operations on integers: bits, shifts, divisors.
#include <numeric>

#include "engine/ops/table/integers.hpp"
#include "engine/ops/table/rules.hpp"

namespace layerctl::ops {
namespace {

DType integers(DType dtype) {
    if (!is_integer(dtype)) fail(Code::unsupported, "wanted integers, found ", dtype);
    return dtype;
}

DType integer_pair_dtype(const Arguments& a) { return integers(tensors_pair_dtype(a)); }

/// A shift by a Python number keeps the dtype.
DType shift_dtype(const Arguments& a) {
    const auto by = a.own_dtype(a.operand(1));
    return by || !a.own_dtype(a.operand(0)) ? integer_pair_dtype(a) : integers(*a.own_dtype(a.operand(0)));
}

/// Computed in int64 or uint64, of which the low bits count.
template <class F>
Op integer_pair(Names tf, Names keras3, F f, DTypeOf rule = integer_pair_dtype) {
    return {std::move(tf), std::move(keras3), "x y", pair_shape, rule, [f, rule](const Arguments& a) -> Tensors {
                const DType dtype = rule(a);
                const Tensor x = a.tensor(a.operand(0), dtype).cast(DType::int64);
                const Tensor y = a.tensor(a.operand(1), dtype).cast(DType::int64);
                const auto bits = static_cast<std::int64_t>(8 * dtype_size(dtype));
                return {mapped<std::int64_t>(x, y, pair_shape(a).front(), [&](std::int64_t l, std::int64_t r) {
                            return f(l, r, bits);
                        }).cast(dtype)};
            }};
}

// TensorFlow shifts by at least 0 and less than the number of bits.
std::int64_t distance(std::int64_t by, std::int64_t bits) { return by < 0 ? 0 : by >= bits ? bits - 1 : by; }

std::uint64_t magnitude(std::int64_t x) {
    return x < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(x) : static_cast<std::uint64_t>(x);
}

std::int64_t least_common_multiple(std::uint64_t x, std::uint64_t y) {
    return static_cast<std::int64_t>(x == 0 || y == 0 ? 0 : x / std::gcd(x, y) * y);
}

Op invert() {
    return {{"bitwise.invert"}, {"BitwiseInvert", "BitwiseNot"}, "x", same_shape, only_integer_dtype,
            [](const Arguments& a) -> Tensors {
                const Tensor x = x_itself(a).cast(DType::int64);
                return {mapped<std::int64_t>(x, [](std::int64_t v) { return ~v; }).cast(a.dtype("x"))};
            }};
}

}  // namespace

const OpList& bitwise_ops() {
    using I = std::int64_t;
    static const OpList ops = {
        invert(),
        integer_pair({"bitwise.bitwise_and"}, {"BitwiseAnd"}, [](I l, I r, I) { return l & r; }),
        integer_pair({"bitwise.bitwise_or"}, {"BitwiseOr"}, [](I l, I r, I) { return l | r; }),
        integer_pair({"bitwise.bitwise_xor"}, {"BitwiseXor"}, [](I l, I r, I) { return l ^ r; }),
        integer_pair({"bitwise.left_shift"}, {"BitwiseLeftShift", "LeftShift"},
                     [](I l, I r, I bits) { return static_cast<I>(static_cast<std::uint64_t>(l) << distance(r, bits)); },
                     shift_dtype),
        integer_pair({"bitwise.right_shift"}, {"BitwiseRightShift", "RightShift"},
                     [](I l, I r, I bits) { return l >> distance(r, bits); }, shift_dtype),
        integer_pair({}, {"Gcd"}, [](I l, I r, I) { return static_cast<I>(std::gcd(magnitude(l), magnitude(r))); }),
        integer_pair({}, {"Lcm"}, [](I l, I r, I) { return least_common_multiple(magnitude(l), magnitude(r)); }),
    };
    return ops;
}

}  // namespace layerctl::ops
