// Sorting and searching.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/ops/table/integers.hpp"
#include "engine/ops/table/lines.hpp"

namespace layerctl::ops {
namespace {

/// A strict order with NaN behind all numbers.
template <class T>
bool before(T l, T r) {
    return is_nan(r) ? !is_nan(l) : l < r;
}

bool is_descending(const Arguments& a) {
    if (!a.has("direction")) return false;
    const std::string& direction = a.text("direction");
    if (direction != "ASCENDING" && direction != "DESCENDING")
        fail(Code::config, "argument 'direction': wanted 'ASCENDING' or 'DESCENDING', found '", direction, "'");
    return direction == "DESCENDING";
}

/// The positions of a line in sorted order; equal elements stay in theirs.
template <class T>
std::vector<std::int32_t> order_of(const T* first, std::int64_t n, bool descending) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t l, std::int32_t r) {
        return descending ? before(first[r], first[l]) : before(first[l], first[r]);
    });
    return order;
}

DType sorted_dtype(const Arguments& a) {
    return a.keras3() && a.dtype("x") == DType::boolean ? DType::boolean : number_dtype(a);
}

/// x as numbers; booleans count as 0 and 1.
Tensor as_numbers(const Arguments& a) {
    return sorted_dtype(a) == DType::boolean ? x_as(a, DType::uint8) : x_itself(a);
}

Tensors sort(const Arguments& a) {
    const bool descending = is_descending(a);
    const Line line = line_of(a);
    const Tensor x = as_numbers(a).reshaped(line.shape);
    Tensor y;
    with_arithmetic(x.dtype(), [&]<class T>(Type<T>) {
        y = along_axis<T, T>(x, line.axis, line.shape[line.axis], [&](const T* from, std::int64_t n, T* to) {
            for (const std::int32_t i : order_of(from, n, descending)) *to++ = from[i];
        });
    });
    return {y.cast(carried(sorted_dtype(a)))};
}

DType order_dtype(const Arguments& a) {
    sorted_dtype(a);
    return DType::int32;
}

Shapes order_shape(const Arguments& a) {
    return a.shape("x").rank() == 0 && a.keras3() ? Shapes{Shape{1}} : line_shape(a);
}

Tensors argsort(const Arguments& a) {
    if (a.shape("x").rank() == 0 && a.keras3()) return {Tensor(DType::int32, Shape{1})};
    const bool descending = is_descending(a);
    const Line line = line_of(a);
    const Tensor x = as_numbers(a).reshaped(line.shape);
    Tensor y;
    with_arithmetic(x.dtype(), [&]<class T>(Type<T>) {
        y = along_axis<T, std::int32_t>(x, line.axis, line.shape[line.axis],
                                        [&](const T* from, std::int64_t n, std::int32_t* to) {
                                            const auto order = order_of(from, n, descending);
                                            std::copy(order.begin(), order.end(), to);
                                        });
    });
    return {y};
}

std::int64_t count_k(const Arguments& a, const Shape& shape) {
    const std::int64_t k = a.integer("k");
    if (shape.rank() == 0 || k < 0 || (shape.back() != Shape::unknown && k > shape.back()))
        fail(Code::shape, "wanted the ", k, " largest on the last axis of shape ", shape);
    return k;
}

std::vector<DType> top_k_dtypes(const Arguments& a) {
    return {number_dtype(a), a.has("index_type") ? a.dtype_named("index_type") : DType::int32};
}

Shapes top_k_shape(const Arguments& a) {
    const Shape shape = a.shape("x").with_back(count_k(a, a.shape("x")));
    return {shape, shape};
}

Tensors top_k(const Arguments& a) {
    const Tensor x = x_itself(a);
    const std::size_t axis = x.shape().rank() - 1;
    const std::int64_t k = count_k(a, x.shape());
    Tensor values, positions;
    with_arithmetic(x.dtype(), [&]<class T>(Type<T>) {
        const auto first_k = [&](const T* from, std::int64_t n) {
            auto order = order_of(from, n, true);
            order.resize(static_cast<std::size_t>(k));
            return order;
        };
        values = along_axis<T, T>(x, axis, k, [&](const T* from, std::int64_t n, T* to) {
            for (const std::int32_t i : first_k(from, n)) *to++ = from[i];
        });
        positions = along_axis<T, std::int32_t>(x, axis, k, [&](const T* from, std::int64_t n, std::int32_t* to) {
            for (const std::int32_t i : first_k(from, n)) *to++ = i;
        });
    });
    return {values, positions.cast(top_k_dtypes(a)[1])};
}

/// Whether fewer than k predictions exceed that of the target; not if any of them is infinite or NaN.
bool is_in_top(const float* predictions, std::int64_t n, std::int64_t target, std::int64_t k) {
    if (target < 0 || target >= n) return false;
    const auto finite = [](float value) { return std::isfinite(value); };
    if (!std::all_of(predictions, predictions + n, finite)) return false;
    return std::count_if(predictions, predictions + n, [&](float p) { return p > predictions[target]; }) < k;
}

Tensors in_top_k(const Arguments& a) {
    const Tensor targets = a.tensor(a.operand("targets"), DType::int64);
    const Tensor predictions = a.tensor(a.operand("predictions"), DType::float32);
    const auto n = predictions.shape().back();
    std::vector<std::uint8_t> flags;
    const float* row = predictions.values<float>().data();
    for (const std::int64_t target : targets.values<std::int64_t>()) {
        flags.push_back(is_in_top(row, n, target, a.integer("k")));
        row += n;
    }
    return {Tensor::from(targets.shape(), flags).cast(DType::boolean)};
}

Shapes in_top_k_shape(const Arguments& a) {
    const Shape targets = a.shape("targets"), predictions = a.shape("predictions");
    if (targets.rank() != 1 || predictions.rank() != 2 || !targets.is_compatible_with(predictions.slice(0, 1)))
        fail(Code::shape, "wanted targets (n) and predictions (n, classes), found ", targets, " and ", predictions);
    return {targets};
}

// Keras 3 makes int32 of the numbers; the others come by what the found ones leave, 0 in their places, descending.
Tensors argpartition(const Arguments& a) {
    const Tensor x = x_as(a, DType::int32);
    const std::int64_t kth = a.integer("kth");
    if (kth < 0 || kth >= x.shape()[0])
        fail(Code::config, "argument 'kth': wanted less than ", x.shape()[0], ", found ", kth);
    std::vector<std::int32_t> rest(x.values<std::int32_t>().begin(), x.values<std::int32_t>().end());
    auto order = order_of(rest.data(), x.shape()[0], false);
    order.resize(static_cast<std::size_t>(kth) + 1);
    for (const std::int32_t i : order) rest[static_cast<std::size_t>(i)] = 0;
    const auto others = order_of(rest.data(), x.shape()[0], true);
    order.insert(order.end(), others.begin(), others.begin() + static_cast<std::ptrdiff_t>(x.shape()[0] - kth - 1));
    return {Tensor::from(x.shape(), order)};
}

Shapes argpartition_shape(const Arguments& a) {
    if (a.shape("x").rank() != 1) fail(Code::unsupported, "a partition of rank ", a.shape("x").rank());
    return same_shape(a);
}

Tensors searchsorted(const Arguments& a) {
    const std::string& side = a.text("side");
    if (side != "left" && side != "right")
        fail(Code::config, "argument 'side': wanted 'left' or 'right', found '", side, "'");
    const DType dtype = common_dtype(a, {"x", "values"});
    const Tensor x = a.tensor(a.operand("x"), dtype), values = a.tensor(a.operand("values"), dtype);
    const std::int64_t rows = x.shape().elements(0, x.shape().rank() - 1), n = x.shape().back();
    const std::int64_t per_row = rows == 0 ? 0 : values.shape().elements() / rows;
    std::vector<std::int64_t> found;
    with_arithmetic(x.dtype(), [&]<class T>(Type<T>) {
        const T* first = x.values<T>().data();
        const T* wanted = values.values<T>().data();
        for (std::int64_t row = 0; row < rows; ++row, first += n)
            for (std::int64_t i = 0; i < per_row; ++i, ++wanted)
                found.push_back((side == "left" ? std::lower_bound(first, first + n, *wanted, before<T>)
                                                : std::upper_bound(first, first + n, *wanted, before<T>)) -
                                first);
    });
    return {Tensor::from(values.shape(), found).cast(a.dtype_named("out_type"))};
}

Shapes searchsorted_shape(const Arguments& a) {
    const Shape x = a.shape("x"), values = a.shape("values");
    if (x.rank() == 0 || (x.rank() > 1 && (a.keras3() || x.rank() != values.rank() ||
                                           !x.with_back(0).is_compatible_with(values.with_back(0)))))
        fail(Code::shape, "wanted one sorted row, or as many as rows of values, found ", x, " and ", values);
    return {values};
}

// How many of the ascending bins, which are float32, are not above each element.
Tensors digitize(const Arguments& a) {
    const DType dtype = a.dtype("x") == DType::float64 || a.dtype("x") == DType::int64 ? DType::float64 : DType::float32;
    const Tensor x = x_as(a, dtype);
    const Tensor bins = a.tensor(a.operand("bins"), DType::float64).cast(DType::float32).cast(dtype);
    return with_float(dtype, [&]<class T>(Type<T>) {
        const auto edges = bins.values<T>();
        return Tensors{mapped<T>(x, [&](T v) {
            return static_cast<std::int32_t>(std::upper_bound(edges.begin(), edges.end(), v, before<T>) - edges.begin());
        })};
    });
}

}  // namespace

const OpList& sorting_ops() {
    static const auto int32 = [](const Arguments&) { return DType::int32; };
    static const auto out_type = [](const Arguments& a) { return a.dtype_named("out_type"); };
    static const OpList ops = {
        {{"sort"}, {"Sort"}, "x|values axis=-1 direction=ASCENDING", line_shape, sorted_dtype, sort},
        {{"argsort"}, {"Argsort"}, "x|values axis=-1 direction=ASCENDING ~stable", order_shape, order_dtype, argsort},
        {{"math.top_k"}, {}, "x|input k=1 !sorted=true index_type=int32", top_k_shape, top_k_dtypes, top_k},
        {{}, {"TopK"}, "x k !sorted=true", top_k_shape, top_k_dtypes, top_k},
        {{"math.in_top_k"}, {"InTopK"}, "targets predictions k", in_top_k_shape, boolean_dtype, in_top_k},
        {{"compat.v1.math.in_top_k"}, {}, "predictions targets k", in_top_k_shape, boolean_dtype, in_top_k},
        {{}, {"Argpartition"}, "x kth axis=-1", argpartition_shape, int32, argpartition},
        {{"searchsorted"},
         {"SearchSorted"},
         "x|sorted_sequence values side=left out_type=int32",
         searchsorted_shape,
         out_type,
         searchsorted},
        {{}, {"Digitize"}, "x bins", same_shape, int32, digitize},
    };
    return ops;
}

}  // namespace layerctl::ops
