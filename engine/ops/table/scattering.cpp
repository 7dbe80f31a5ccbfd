// Writing elements at positions that a tensor names, and combining those of one segment.
#include <algorithm>
#include <cmath>

#include "engine/ops/move.hpp"
#include "engine/ops/table/integers.hpp"
#include "engine/ops/table/reducing.hpp"

namespace layerctl::ops {
namespace {

enum class Combine { update, add, subtract, maximum, minimum, product };

template <class T>
T combined(Combine how, T held, T update) {
    switch (how) {
        case Combine::update: return update;
        case Combine::add: return Plus{}(held, update);
        case Combine::subtract: return Minus{}(held, update);
        case Combine::maximum: return Largest{}(held, update);
        case Combine::minimum: return Smallest{}(held, update);
        case Combine::product: return Times{}(held, update);
    }
    fail(Code::internal, "an unknown way to combine");
}

/// Whether rows of indices into `target` and parts of it fit together.
void check_parts(const Shape& indices, const Shape& updates, const Shape& target) {
    if (indices.rank() == 0 || indices.back() == Shape::unknown ||
        indices.back() > static_cast<std::int64_t>(target.rank()))
        fail(Code::shape, "wanted rows of at most ", target.rank(), " indices, found shape ", indices);
    std::vector<std::int64_t> dims = indices.slice(0, indices.rank() - 1).dims();
    const Shape part = target.slice(static_cast<std::size_t>(indices.back()), target.rank());
    dims.insert(dims.end(), part.begin(), part.end());
    if (!Shape(dims).is_compatible_with(updates))
        fail(Code::shape, "wanted updates of shape ", Shape(dims), ", found ", updates);
}

Tensor scattered(const Tensor& indices, const Tensor& updates, Tensor y, Combine how) {
    check_parts(indices.shape(), updates.shape(), y.shape());
    const auto depth = static_cast<std::size_t>(indices.shape().back());
    const Shape outer = y.shape().slice(0, depth);
    const std::int64_t size = y.shape().elements(depth, y.shape().rank());
    const std::int64_t rows = indices.shape().elements(0, indices.shape().rank() - 1);
    const std::int64_t* index = indices.values<std::int64_t>().data();
    with_numeric(y.dtype(), [&]<class T>(Type<T>) {
        if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
            T* to = y.mutable_values<T>().data();
            const T* from = updates.values<T>().data();
            for (std::int64_t row = 0; row < rows; ++row) {
                std::int64_t at = 0;
                for (std::size_t k = 0; k < depth; ++k, ++index) {
                    if (*index < 0 || *index >= outer[k])
                        fail(Code::input, "index ", *index, " is out of range for shape ", outer);
                    at = at * outer[k] + *index;
                }
                for (std::int64_t i = 0; i < size; ++i, ++from) to[at * size + i] = combined(how, to[at * size + i], *from);
            }
        } else fail(Code::unsupported, "scattered ", y.dtype());
    });
    return y;
}

Shapes scattered_shape(const Arguments& a) {
    std::vector<std::int64_t> dims;
    for (const Size size : a.sizes("shape")) dims.push_back(size.value_or(Shape::unknown));
    const Shape shape(std::move(dims));
    check_parts(a.shape("indices"), a.shape("updates"), shape);
    return {shape};
}

DType updates_dtype(const Arguments& a) {
    const auto own = a.own_dtype(a.operand("updates"));
    return own ? *own : tensor_dtype_of(a.constant("updates"));
}

Tensors scatter(const Arguments& a) {
    const DType dtype = updates_dtype(a);
    return {scattered(a.tensor(a.operand("indices"), DType::int64), a.tensor(a.operand("updates"), dtype),
                      Tensor(carried(dtype), scattered_shape(a).front()), Combine::add)};
}

Op scatter_into(Names tf, Combine how) {
    return {std::move(tf),
            {},
            "x|tensor indices updates",
            [](const Arguments& a) {
                check_parts(a.shape("indices"), a.shape("updates"), a.shape("x"));
                return same_shape(a);
            },
            same_dtype,
            [how](const Arguments& a) -> Tensors {
                return {scattered(a.tensor(a.operand("indices"), DType::int64),
                                  a.tensor(a.operand("updates"), a.dtype("x")), x_itself(a), how)};
            }};
}

Combine reduction_of(const Arguments& a) {
    if (!a.given("reduction")) return Combine::update;
    constexpr std::pair<std::string_view, Combine> names[] = {
        {"add", Combine::add}, {"max", Combine::maximum}, {"min", Combine::minimum}, {"mul", Combine::product}};
    for (const auto& [name, how] : names)
        if (name == a.text("reduction")) return how;
    fail(Code::unsupported, "argument 'reduction': wanted 'add', 'max', 'min' or 'mul', found '", a.text("reduction"), "'");
}

Op scatter_update() {
    Op op = scatter_into({}, Combine::update);
    op.keras3 = {"ScatterUpdate"};
    op.signature = "x|inputs indices updates reduction=null";
    op.run = [](const Arguments& a) { return scatter_into({}, reduction_of(a)).run(a); };
    return op;
}

// Where the updates would leave x, they begin earlier.
Tensors slice_update(const Arguments& a) {
    Tensor y = x_itself(a);
    const Tensor updates = a.tensor(a.operand("updates"), a.dtype("x"));
    std::vector<std::int64_t> offset;
    const std::vector<Size> start = a.sizes("start");
    if (start.size() != y.shape().rank() || updates.shape().rank() != y.shape().rank())
        fail(Code::shape, "wanted starts and updates for shape ", y.shape(), ", found ", updates.shape());
    for (std::size_t i = 0; i < start.size(); ++i) {
        const std::int64_t most = y.shape()[i] - updates.shape()[i];
        if (most < 0) fail(Code::shape, "updates of shape ", updates.shape(), " are larger than ", y.shape());
        offset.push_back(std::clamp<std::int64_t>(*start[i], 0, most));
    }
    place(updates, offset, y);
    return {y};
}

/// What segments are made of: where a segment begins, how elements join it, and what an empty one is.
struct Segments {
    Combine how = Combine::add;
    bool mean = false;     // divided by the number of elements
    bool root = false;     // by the square root of it
    bool sorted = false;   // empty segments of sorted ids are 0
};

template <class T>
T beginning(Combine how) {
    if (how == Combine::maximum) return std::numeric_limits<T>::lowest();
    if (how == Combine::minimum) return std::numeric_limits<T>::max();
    return static_cast<T>(how == Combine::product ? 1 : 0);
}

std::optional<std::int64_t> segment_count(const Arguments& a) {
    if (!a.has("num_segments") || !a.given("num_segments")) return std::nullopt;
    const Size count = a.size(a.operand("num_segments"));
    if (count && *count < 0) fail(Code::config, "argument 'num_segments': wanted zero or more, found ", *count);
    return count;
}

Shapes segmented_shape(const Arguments& a) {
    const Shape data = a.shape("x"), ids = a.shape("ids");
    if (ids.rank() > data.rank() || !ids.is_compatible_with(data.slice(0, ids.rank())))
        fail(Code::shape, "ids of shape ", ids, " do not fit shape ", data);
    std::vector<std::int64_t> dims = {segment_count(a).value_or(Shape::unknown)};
    const Shape part = data.slice(ids.rank(), data.rank());
    dims.insert(dims.end(), part.begin(), part.end());
    return {Shape(std::move(dims))};
}

/// Without a number of segments: sorted ids end with the largest, others are as many as there are different ones.
std::int64_t segments_found(const Arguments& a, bool sorted, const std::vector<std::int64_t>& ids) {
    if (const auto count = segment_count(a)) return *count;
    if (sorted) return ids.empty() ? 0 : ids.back() + 1;
    std::vector<std::int64_t> different = ids;
    std::sort(different.begin(), different.end());
    return std::unique(different.begin(), different.end()) - different.begin();
}

template <class T>
Tensor segmented(const Segments& plan, const Tensor& x, const std::vector<std::int64_t>& ids, Tensor y) {
    const auto count = y.shape()[0], size = y.shape().elements(1, y.shape().rank());
    std::vector<std::int64_t> members(static_cast<std::size_t>(count));
    T* to = y.mutable_values<T>().data();
    std::fill(to, to + count * size, beginning<T>(plan.how));
    const T* from = x.values<T>().data();
    for (const std::int64_t id : ids) {
        if (id >= count) fail(Code::input, "segment ", id, " is out of range for ", count, " segments");
        if (plan.sorted && id < 0) fail(Code::input, "segment ", id, " is out of range");
        if (id >= 0) ++members[static_cast<std::size_t>(id)];
        for (std::int64_t i = 0; i < size; ++i, ++from)
            if (id >= 0) to[id * size + i] = combined(plan.how, to[id * size + i], *from);
    }
    for (std::int64_t id = 0; id < count; ++id) {
        const auto n = static_cast<double>(members[static_cast<std::size_t>(id)]);
        const bool empty_is_zero = plan.sorted && n == 0 && plan.how != Combine::product;
        for (std::int64_t i = 0; i < size; ++i) {
            T& value = to[id * size + i];
            if (empty_is_zero) value = 0;
            else if (plan.mean && n > 0) value = static_cast<T>(value / static_cast<T>(plan.root ? std::sqrt(n) : n));
        }
    }
    return y;
}

Tensors run_segments(const Arguments& a, Segments plan) {
    if (a.has("sorted") && a.flag("sorted")) plan.sorted = true;
    const Tensor x = x_itself(a), ids = a.tensor(a.operand("ids"), DType::int64);
    const std::vector<std::int64_t> numbers(ids.values<std::int64_t>().begin(), ids.values<std::int64_t>().end());
    if (plan.sorted && !std::is_sorted(numbers.begin(), numbers.end()))
        fail(Code::input, "wanted sorted segments, found others");
    Tensor y = Tensor::uninitialized(
        x.dtype(), segmented_shape(a).front().with_front(segments_found(a, plan.sorted, numbers)));
    with_arithmetic(x.dtype(), [&]<class T>(Type<T>) { y = segmented<T>(plan, x, numbers, y); });
    return {y};
}

Op segments(Names tf, Names keras3, std::string_view signature, Segments plan) {
    return {std::move(tf), std::move(keras3), signature, segmented_shape, number_dtype,
            [plan](const Arguments& a) { return run_segments(a, plan); }};
}

}  // namespace

const OpList& scattering_ops() {
    static constexpr std::string_view sorted = "x|data ids|segment_ids";
    static constexpr std::string_view unsorted = "x|data ids|segment_ids num_segments";
    static constexpr std::string_view either = "x|data ids|segment_ids num_segments=null sorted=false";
    static const auto same_as_x = [](const Arguments& a) { return same_shape(a); };
    static const OpList ops = {
        {{"scatter_nd"}, {}, "indices updates shape", scattered_shape, updates_dtype, scatter},
        {{}, {"Scatter"}, "indices updates|values shape", scattered_shape, updates_dtype, scatter},
        scatter_into({"tensor_scatter_nd_update"}, Combine::update),
        scatter_into({"tensor_scatter_nd_add"}, Combine::add),
        scatter_into({"tensor_scatter_nd_sub"}, Combine::subtract),
        scatter_into({"tensor_scatter_nd_max"}, Combine::maximum),
        scatter_into({"tensor_scatter_nd_min"}, Combine::minimum),
        scatter_update(),
        {{}, {"SliceUpdate"}, "x|inputs start|start_indices updates", same_as_x, same_dtype, slice_update},
        segments({"math.segment_sum"}, {}, sorted, {.sorted = true}),
        segments({"math.segment_mean"}, {}, sorted, {.mean = true, .sorted = true}),
        segments({"math.segment_max"}, {}, sorted, {.how = Combine::maximum, .sorted = true}),
        segments({"math.segment_min"}, {}, sorted, {.how = Combine::minimum, .sorted = true}),
        segments({"math.segment_prod"}, {}, sorted, {.how = Combine::product, .sorted = true}),
        segments({"math.unsorted_segment_sum"}, {}, unsorted, {}),
        segments({"math.unsorted_segment_mean"}, {}, unsorted, {.mean = true}),
        segments({"math.unsorted_segment_sqrt_n"}, {}, unsorted, {.mean = true, .root = true}),
        segments({"math.unsorted_segment_max"}, {}, unsorted, {.how = Combine::maximum}),
        segments({"math.unsorted_segment_min"}, {}, unsorted, {.how = Combine::minimum}),
        segments({"math.unsorted_segment_prod"}, {}, unsorted, {.how = Combine::product}),
        segments({}, {"SegmentSum"}, either, {}),
        segments({}, {"SegmentMax"}, either, {.how = Combine::maximum}),
        segments({}, {"SegmentMin"}, either, {.how = Combine::minimum}),
        segments({}, {"SegmentProd"}, either, {.how = Combine::product}),
    };
    return ops;
}

}  // namespace layerctl::ops
