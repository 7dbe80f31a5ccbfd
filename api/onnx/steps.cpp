#include "api/onnx/steps.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "engine/ops/axes.hpp"
#include "models/error.hpp"

namespace layerctl::onnx {

Ints to_ints(const std::vector<std::size_t>& axes) {
    Ints out;
    for (const std::size_t axis : axes) out.push_back(static_cast<std::int64_t>(axis));
    return out;
}

Ints resolved(const Ints& axes, std::size_t rank) {
    Ints out;
    for (const std::int64_t axis : axes) out.push_back(static_cast<std::int64_t>(resolve_axis(axis, rank)));
    return out;
}

ValueInfoProto described(const Name& name, DType dtype, const Shape& shape) {
    ValueInfoProto value{name, dtype, {}};
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        if (shape[axis] != Shape::unknown) value.dims.emplace_back(shape[axis]);
        else value.dims.emplace_back(axis == 0 ? "batch" : name + "_dim" + std::to_string(axis));
    }
    return value;
}

Ints counted(std::size_t first, std::size_t last) {
    Ints out;
    for (std::size_t i = first; i < last; ++i) out.push_back(static_cast<std::int64_t>(i));
    return out;
}

Name transpose(Builder& b, const Name& x, const ops::Permutation& order) {
    if (std::is_sorted(order.begin(), order.end())) return x;
    return b.add("Transpose", {x}, {{"perm", to_ints(order)}});
}

Name matrices_transposed(Builder& b, const Name& x, std::size_t rank) {
    ops::Permutation order(rank);
    std::iota(order.begin(), order.end(), 0);
    std::swap(order[rank - 1], order[rank - 2]);
    return transpose(b, x, order);
}

Name reshape(Builder& b, const Name& x, const Ints& dims) { return b.add("Reshape", {x, b.ints(dims)}); }

Name reshape_features(Builder& b, const Name& x, const Shape& to) {
    Ints dims = to.dims();
    if (dims.front() == Shape::unknown) dims.front() = 0;
    if (std::count(dims.begin(), dims.end(), Shape::unknown) > 1)
        fail(Code::unsupported, "shape ", to, " has more than one unknown size beside the batch");
    return reshape(b, x, dims);
}

Name cast(Builder& b, const Name& x, DType dtype) {
    return b.add("Cast", {x}, {{"to", std::int64_t{data_type(dtype)}}});
}

Name unsqueeze(Builder& b, const Name& x, const Ints& axes) {
    return axes.empty() ? x : b.add("Unsqueeze", {x, b.ints(axes)});
}

Name squeeze(Builder& b, const Name& x, const Ints& axes) {
    return axes.empty() ? x : b.add("Squeeze", {x, b.ints(axes)});
}

Name slice(Builder& b, const Name& x, std::int64_t axis, std::int64_t begin, std::int64_t end, std::int64_t step) {
    return b.add("Slice", {x, b.ints({begin}), b.ints({end}), b.ints({axis}), b.ints({step})});
}

Name reversed(Builder& b, const Name& x, std::int64_t axis) {
    return slice(b, x, axis, -1, std::numeric_limits<std::int64_t>::min(), -1);
}

Name concat(Builder& b, const Names& parts, std::int64_t axis) {
    return parts.size() == 1 ? parts.front() : b.add("Concat", parts, {{"axis", axis}});
}

Names split(Builder& b, const Name& x, std::int64_t axis, const Ints& sizes) {
    return b.add_many("Split", {x, b.ints(sizes)}, sizes.size(), {{"axis", axis}});
}

Name reduce(Builder& b, const std::string& op_type, const Name& x, const Ints& axes, bool keepdims) {
    const AttributeProto keep{"keepdims", std::int64_t{keepdims}};
    if (op_type == "ReduceSum") return b.add(op_type, {x, b.ints(axes)}, {keep});
    return b.add(op_type, {x}, {{"axes", axes}, keep});
}

Name clip(Builder& b, const Name& x, DType dtype, double low, double high) {
    return b.add("Clip", {x, b.number(dtype, low), b.number(dtype, high)});
}

Name unit_length(Builder& b, const Name& x, const Ints& axes, DType dtype, double least) {
    const Name squares = reduce(b, "ReduceSum", b.add("Mul", {x, x}), axes, true);
    return b.add("Div", {x, with_number(b, "Max", b.add("Sqrt", {squares}), dtype, least)});
}

Name with_number(Builder& b, const std::string& op_type, const Name& x, DType dtype, double number) {
    return b.add(op_type, {x, b.number(dtype, number)});
}

Name sizes_of(Builder& b, const Name& x, const Ints& axes) {
    return b.add("Gather", {b.add("Shape", {x}), b.ints(axes)}, {{"axis", std::int64_t{0}}});
}

Name einsum(Builder& b, const std::string& equation, const Names& inputs) {
    return b.add("Einsum", inputs, {{"equation", equation}});
}

}  // namespace layerctl::onnx
