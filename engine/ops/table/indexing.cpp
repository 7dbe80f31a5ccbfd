// Reading elements at positions that a tensor names.
#include <algorithm>
#include <cstring>
#include <numeric>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/table/nonzero.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/take.hpp"

namespace layerctl::ops {
namespace {

using Indices = std::vector<std::int64_t>;

void append_dims(std::vector<std::int64_t>& dims, const Shape& more) {
    dims.insert(dims.end(), more.begin(), more.end());
}

/// Gather: the indices replace one axis; the first `batch` axes of both go together. A null axis of Keras 3 lays x in one
/// row; that of TensorFlow is the first that is no batch axis.
struct Gather {
    Shape in;
    std::size_t axis = 0, batch = 0;
};

Gather gather_plan(const Arguments& a) {
    Gather plan{a.shape("x")};
    const std::size_t index_rank = a.shape("indices").rank();
    if (a.has("batch_dims")) {
        const std::int64_t batch = a.integer("batch_dims");
        plan.batch = static_cast<std::size_t>(batch < 0 ? batch + static_cast<std::int64_t>(index_rank) : batch);
        if (plan.batch > index_rank || plan.batch >= plan.in.rank())
            fail(Code::config, "argument 'batch_dims': ", batch, " for shapes ", plan.in, " and ", a.shape("indices"));
    }
    if (!a.given("axis") && a.keras3())
        return {Shape{plan.in.is_known() ? plan.in.elements() : Shape::unknown}, 0, 0};
    plan.axis = a.given("axis") ? axis_of(a, plan.in.rank()) : plan.batch;
    if (plan.axis < plan.batch) fail(Code::config, "argument 'axis': a batch axis, ", plan.axis);
    return plan;
}

Shapes gathered_shape(const Arguments& a) {
    const Gather plan = gather_plan(a);
    const Shape indices = a.shape("indices");
    std::vector<std::int64_t> dims = plan.in.slice(0, plan.axis).dims();
    append_dims(dims, indices.slice(plan.batch, indices.rank()));
    append_dims(dims, plan.in.slice(plan.axis + 1, plan.in.rank()));
    return {Shape(std::move(dims))};
}

DType gathered_dtype(const Arguments& a) {
    const auto indices = a.own_dtype(a.operand("indices"));
    if (indices && !is_integer(*indices)) fail(Code::unsupported, "wanted integer indices, found ", *indices);
    return a.dtype("x");
}

// Keras 3 counts negative indices from the end; TensorFlow has none.
Indices counted_indices(const Arguments& a, std::int64_t n) {
    const Tensor indices = a.tensor(a.operand("indices"), DType::int64);
    const auto numbers = indices.values<std::int64_t>();
    Indices result(numbers.begin(), numbers.end());
    for (std::int64_t& index : result)
        if (index < 0 && a.keras3()) index += n;
    return result;
}

Tensors gather(const Arguments& a) {
    const Gather plan = gather_plan(a);
    const Tensor x = x_itself(a).reshaped(plan.in);
    const Indices from = counted_indices(a, plan.in[plan.axis]);
    const Shape out = gathered_shape(a).front();
    if (plan.batch == 0) return {take(x, plan.axis, from).reshaped(out)};
    const std::int64_t batches = plan.in.elements(0, plan.batch);
    const std::size_t each = batches == 0 ? 0 : from.size() / static_cast<std::size_t>(batches);
    const Tensor rows = x.reshaped(Shape{batches, plan.in.elements(plan.batch, plan.axis), plan.in[plan.axis],
                                         plan.in.elements(plan.axis + 1, plan.in.rank())});
    Tensor y = Tensor::uninitialized(x.dtype(), out);
    std::byte* to = y.mutable_data();
    for (std::int64_t i = 0; i < batches; ++i) {
        const auto first = from.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(i) * each);
        const Tensor part = take(rows.rows(i, i + 1), 2, Indices(first, first + static_cast<std::ptrdiff_t>(each)));
        if (part.byte_size() > 0) std::memcpy(to, part.data(), part.byte_size());
        to += part.byte_size();
    }
    return {y};
}

/// TakeAlongAxis: x and the indices, broadcast but for the axis.
struct Along {
    Shape x, indices;
    std::size_t axis;
};

Along along_plan(const Arguments& a) {
    Along plan{a.shape("x"), a.shape("indices"), 0};
    if (!a.given("axis")) {
        if (plan.indices.rank() != 1) fail(Code::shape, "wanted indices of rank 1, found shape ", plan.indices);
        plan.x = Shape{plan.x.is_known() ? plan.x.elements() : Shape::unknown};
        return plan;
    }
    plan.axis = axis_of(a, plan.x.rank());
    if (plan.indices.rank() != plan.x.rank())
        fail(Code::shape, "wanted indices of rank ", plan.x.rank(), ", found shape ", plan.indices);
    const Shape common = broadcast_shape(plan.x.with(plan.axis, 1), plan.indices.with(plan.axis, 1));
    plan.x = common.with(plan.axis, plan.x[plan.axis]);
    plan.indices = common.with(plan.axis, plan.indices[plan.axis]);
    return plan;
}

Tensors take_along_axis(const Arguments& a) {
    const Along plan = along_plan(a);
    const Tensor x = a.given("axis") ? broadcast_to(x_itself(a), plan.x) : x_itself(a).reshaped(plan.x);
    const Tensor indices = broadcast_to(a.tensor(a.operand("indices"), DType::int64), plan.indices);
    const std::int64_t n = plan.x[plan.axis], m = plan.indices[plan.axis];
    const std::int64_t inner = plan.x.elements(plan.axis + 1, plan.x.rank());
    const std::size_t size = dtype_size(x.dtype());
    Tensor y = Tensor::uninitialized(x.dtype(), plan.indices);
    std::byte* to = y.mutable_data();
    std::int64_t i = 0;
    for (std::int64_t index : indices.values<std::int64_t>()) {
        if (index < 0) index += n;
        if (index < 0 || index >= n) fail(Code::input, "index ", index, " is out of range for shape ", plan.x);
        const std::int64_t at = (i / (m * inner) * n + index) * inner + i % inner;
        std::memcpy(to + static_cast<std::size_t>(i++) * size, x.data() + static_cast<std::size_t>(at) * size, size);
    }
    return {y};
}

/// GatherNd: rows of indices point at parts of x.
Shapes gather_nd_shape(const Arguments& a) {
    const Shape x = a.shape("x"), indices = a.shape("indices");
    if (indices.rank() == 0 || indices.back() == Shape::unknown ||
        indices.back() > static_cast<std::int64_t>(x.rank()))
        fail(Code::shape, "wanted rows of at most ", x.rank(), " indices, found shape ", indices);
    std::vector<std::int64_t> dims = indices.slice(0, indices.rank() - 1).dims();
    append_dims(dims, x.slice(static_cast<std::size_t>(indices.back()), x.rank()));
    return {Shape(std::move(dims))};
}

Tensors gather_nd(const Arguments& a) {
    const Tensor x = x_itself(a), indices = a.tensor(a.operand("indices"), DType::int64);
    const auto depth = static_cast<std::size_t>(indices.shape().back());
    const Shape outer = x.shape().slice(0, depth);
    const auto numbers = indices.values<std::int64_t>();
    Indices from;
    for (std::size_t row = 0; row < numbers.size(); row += std::max<std::size_t>(depth, 1)) {
        std::int64_t at = 0;
        for (std::size_t k = 0; k < depth; ++k) {
            const std::int64_t index = numbers[row + k];
            if (index < 0 || index >= outer[k]) fail(Code::input, "index ", index, " is out of range for shape ", outer);
            at = at * outer[k] + index;
        }
        from.push_back(at);
    }
    const Tensor rows = x.reshaped(Shape{outer.elements(), x.shape().elements(depth, x.shape().rank())});
    return {take(rows, 0, from).reshaped(gather_nd_shape(a).front())};
}

/// The part of x that begins at "start" and has the given sizes; -1 means the rest.
Shapes part_shape(const Arguments& a) {
    const Shape x = a.shape("x");
    const std::vector<Size> start = a.sizes("start"), size = a.sizes("shape");
    if (start.size() != x.rank() || size.size() != x.rank())
        fail(Code::config, "wanted ", x.rank(), " starts and sizes, found ", start.size(), " and ", size.size());
    std::vector<std::int64_t> dims;
    for (std::size_t i = 0; i < x.rank(); ++i) {
        if (!size[i]) dims.push_back(Shape::unknown);
        else if (*size[i] >= 0) dims.push_back(*size[i]);
        else dims.push_back(start[i] && x[i] != Shape::unknown ? x[i] - *start[i] : Shape::unknown);
    }
    return {Shape(std::move(dims))};
}

Tensors part(const Arguments& a) {
    Tensor y = x_itself(a);
    const Shape shape = part_shape(a).front();
    const std::vector<Size> start = a.sizes("start");
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        if (*start[axis] < 0 || *start[axis] + shape[axis] > y.shape()[axis])
            fail(Code::input, "a slice from ", *start[axis], " of size ", shape[axis], " leaves shape ", y.shape());
        Indices from(static_cast<std::size_t>(shape[axis]));
        std::iota(from.begin(), from.end(), *start[axis]);
        y = take(y, axis, from);
    }
    return {y};
}

/// BooleanMask: the mask's axes become one, of the elements it keeps.
std::size_t masked_axis(const Arguments& a) {
    const Shape x = a.shape("x"), mask = a.shape("mask");
    const std::size_t axis = a.given("axis") ? axis_of(a, x.rank()) : 0;
    if (mask.rank() == 0 || axis + mask.rank() > x.rank() ||
        !mask.is_compatible_with(x.slice(axis, axis + mask.rank())))
        fail(Code::shape, "a mask of shape ", mask, " does not fit shape ", x);
    return axis;
}

Shapes masked_shape(const Arguments& a) {
    const Shape x = a.shape("x");
    const std::size_t axis = masked_axis(a);
    std::vector<std::int64_t> dims = x.slice(0, axis).dims();
    dims.push_back(Shape::unknown);
    append_dims(dims, x.slice(axis + a.shape("mask").rank(), x.rank()));
    return {Shape(std::move(dims))};
}

Tensors boolean_mask(const Arguments& a) {
    const Tensor x = x_itself(a), mask = a.tensor(a.operand("mask"), DType::boolean);
    const std::size_t axis = masked_axis(a);
    Indices from;
    for (std::size_t i = 0; i < mask.elements(); ++i)
        if (mask.values<bool>()[i]) from.push_back(static_cast<std::int64_t>(i));
    const Shape open = masked_shape(a).front();
    const Tensor rows = x.reshaped(open.with(axis, mask.shape().elements()));
    return {take(rows, axis, from)};
}

/// Coordinates of flat positions. For positions of another rank than 1, Keras 3 takes the sizes from the front.
Shapes unraveled_shape(const Arguments& a) {
    const auto count = static_cast<std::int64_t>(a.integers("shape").size());
    if (a.keras3()) return Shapes(static_cast<std::size_t>(count), a.shape("x"));
    if (a.shape("x").rank() == 0) return {Shape{count}};
    return {Shape{count, a.shape("x").is_known() ? a.shape("x").elements() : Shape::unknown}};
}

Tensors unravel_index(const Arguments& a) {
    Indices sizes = a.integers("shape");
    const DType dtype = only_integer_dtype(a);
    if (!a.keras3() || a.shape("x").rank() == 1) std::reverse(sizes.begin(), sizes.end());
    Tensor x = x_as(a, DType::int64);
    Tensors coordinates;
    for (const std::int64_t size : sizes) {
        if (size < 1) fail(Code::config, "argument 'shape': wanted positive sizes, found ", size);
        const auto rest = [&](std::int64_t v) { return (v % size + size) % size; };
        coordinates.push_back(mapped<std::int64_t>(x, rest).cast(dtype));
        x = mapped<std::int64_t>(x, [&](std::int64_t v) { return (v - rest(v)) / size; });
    }
    std::reverse(coordinates.begin(), coordinates.end());
    if (a.keras3()) return coordinates;
    Tensor y = Tensor::uninitialized(dtype, unraveled_shape(a).front());
    std::byte* to = y.mutable_data();
    for (const Tensor& row : coordinates) to = std::copy_n(row.data(), row.byte_size(), to);
    return {y};
}

}  // namespace

const OpList& indexing_ops() {
    static const OpList ops = {
        {{"gather", "compat.v1.gather"},
         {},
         "x|params indices ~validate_indices axis=null batch_dims=0",
         gathered_shape,
         gathered_dtype,
         gather},
        {{}, {"Take"}, "x indices axis=null", gathered_shape, gathered_dtype, gather},
        {{"nn.embedding_lookup", "compat.v1.nn.embedding_lookup"},
         {},
         "x|params indices|ids !axis=0 !max_norm=null ~partition_strategy ~validate_indices",
         gathered_shape, gathered_dtype, gather},
        {{},
         {"TakeAlongAxis"},
         "x indices axis=null",
         [](const Arguments& a) -> Shapes { return {along_plan(a).indices}; },
         gathered_dtype,
         take_along_axis},
        {{"gather_nd", "compat.v1.gather_nd"},
         {},
         "x|params indices !batch_dims=0 ~bad_indices_policy",
         gather_nd_shape,
         gathered_dtype,
         gather_nd},
        {{"slice"}, {}, "x|input_ start|begin shape|size", part_shape, same_dtype, part},
        {{}, {"Slice"}, "x|inputs start|start_indices shape", part_shape, same_dtype, part},
        {{"boolean_mask", "compat.v1.boolean_mask"}, {}, "x|tensor mask axis=null", masked_shape, same_dtype, boolean_mask},
        {{},
         {"Nonzero"},
         "x",
         [](const Arguments& a) { return nonzero_shapes(a, "x"); },
         position_dtype,
         [](const Arguments& a) { return nonzero(a, "x"); }},
        {{"unravel_index"}, {"UnravelIndex"}, "x|indices shape|dims", unraveled_shape, only_integer_dtype, unravel_index},
    };
    return ops;
}

}  // namespace layerctl::ops
