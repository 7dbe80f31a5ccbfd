// Operations that move elements: other shapes, orders, parts and pieces.
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>

#include "api/onnx/operations/operation.hpp"
#include "api/onnx/steps.hpp"

namespace layerctl::onnx {
namespace {

using ops::Operand;

/// To the shape the operation has worked out; sizes that are tensors are read from them.
Names reshaped(OperationCall& call) {
    const Name x = call.x_itself();
    const Shape& to = call.out[0];
    const auto unknown = std::count(to.begin(), to.end(), Shape::unknown);
    if (unknown <= 1) return {reshape(call.b, x, to.dims())};
    if (!call.a.has("shape")) return {reshape_features(call.b, x, to)};
    const Operand& shape = call.a.operand("shape");
    if (shape.kind == Operand::Kind::tensor) return {call.b.add("Reshape", {x, call.operand(shape, DType::int64)})};
    if (shape.kind != Operand::Kind::list) fail(Code::unsupported, "shape ", to, " is not written as ONNX");
    Names sizes;
    for (const Operand& size : shape.items) {
        const Name one = size.kind == Operand::Kind::tensor ? reshape(call.b, call.operand(size, DType::int64), {1})
                                                            : call.b.ints({*size.constant.integer()});
        sizes.push_back(one);
    }
    return {call.b.add("Reshape", {x, concat(call.b, sizes, 0)})};
}

Names expand_dims(OperationCall& call) {
    const Ints given = call.a.integers("axis");
    return {unsqueeze(call.b, call.x_itself(), resolved(given, call.rank() + given.size()))};
}

Names squeezed(OperationCall& call) {
    const Shape in = call.a.shape("x");
    Ints axes = call.a.given("axis") ? axes_of(call) : Ints();
    if (axes.empty())
        for (std::size_t i = 0; i < in.rank(); ++i)
            if (in[i] == 1) axes.push_back(static_cast<std::int64_t>(i));
    return {squeeze(call.b, call.x_itself(), axes)};
}

ops::Permutation identity_order(std::size_t rank) {
    ops::Permutation order(rank);
    std::iota(order.begin(), order.end(), 0);
    return order;
}

Names transposed(OperationCall& call) {
    ops::Permutation order = identity_order(call.rank());
    std::reverse(order.begin(), order.end());
    if (call.a.given("axes")) {
        const Ints axes = call.a.integers("axes");
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = resolve_axis(axes[i], order.size());
    }
    return {transpose(call.b, call.x_itself(), order)};
}

Names matrices_turned(OperationCall& call) { return {matrices_transposed(call.b, call.x_itself(), call.rank())}; }

Names swapped(OperationCall& call) {
    ops::Permutation order = identity_order(call.rank());
    std::swap(order[resolve_axis(call.a.integer("axis1"), order.size())],
              order[resolve_axis(call.a.integer("axis2"), order.size())]);
    return {transpose(call.b, call.x_itself(), order)};
}

Names moved(OperationCall& call) {
    const Ints from = call.a.integers("source"), to = call.a.integers("destination");
    const std::size_t rank = call.rank();
    std::vector<std::optional<std::size_t>> order(rank);
    std::vector<bool> placed(rank);
    for (std::size_t i = 0; i < from.size(); ++i) {
        order[resolve_axis(to[i], rank)] = resolve_axis(from[i], rank);
        placed[resolve_axis(from[i], rank)] = true;
    }
    ops::Permutation permutation;
    std::size_t next = 0;
    for (const auto& axis : order) {
        if (axis) {
            permutation.push_back(*axis);
            continue;
        }
        while (placed[next]) ++next;
        permutation.push_back(next++);
    }
    return {transpose(call.b, call.x_itself(), permutation)};
}

Names joined(OperationCall& call, bool new_axis) {
    const std::vector<const Operand*> list = call.a.list("x");
    const std::size_t rank = call.a.shape(*list.front()).rank() + (new_axis ? 1 : 0);
    const auto axis = static_cast<std::int64_t>(resolve_axis(call.a.integer("axis"), rank));
    Names parts;
    for (const Operand* part : list) {
        const Name x = call.operand(*part, call.dtypes[0]);
        parts.push_back(new_axis ? unsqueeze(call.b, x, {axis}) : x);
    }
    return {concat(call.b, parts, axis)};
}

Names concatenated(OperationCall& call) { return joined(call, false); }
Names stacked(OperationCall& call) { return joined(call, true); }

/// Pieces of the sizes that the operation has worked out.
Names pieces(OperationCall& call) {
    const auto axis = resolve_axis(call.a.integer("axis"), call.rank());
    Ints sizes;
    for (const Shape& piece : call.out) sizes.push_back(piece[axis]);
    if (std::find(sizes.begin(), sizes.end(), Shape::unknown) != sizes.end())
        fail(Code::unsupported, "pieces of unknown size are not written as ONNX");
    return split(call.b, call.x_itself(), static_cast<std::int64_t>(axis), sizes);
}

Names unstacked(OperationCall& call) {
    const std::int64_t axis = static_cast<std::int64_t>(resolve_axis(call.a.integer("axis"), call.rank()));
    Names out;
    for (const Name& piece : split(call.b, call.x_itself(), axis, Ints(call.out.size(), 1)))
        out.push_back(squeeze(call.b, piece, {axis}));
    return out;
}

std::int64_t bound(const Value* value, std::int64_t otherwise) {
    if (value == nullptr || value->is_null()) return otherwise;
    if (value->integer() == nullptr) fail(Code::unsupported, "index ", excerpt(*value), " is not written as ONNX");
    return *value->integer();
}

/// What a key takes, as Slice has it, and the axes that go and come.
struct Key {
    Ints begin, end, axes, steps;
    Ints gone;   // of the input
    Ints added;  // of the output

    void add(const Value& item, std::size_t& axis, std::int64_t& made) {
        if (item.is_null()) return added.push_back(made++);
        axes.push_back(static_cast<std::int64_t>(axis++));
        if (const std::int64_t* index = item.integer()) {
            begin.push_back(*index);
            end.push_back(*index == -1 ? INT64_MAX : *index + 1);
            steps.push_back(1);
            gone.push_back(axes.back());
            return;
        }
        ++made;
        const Value* config = item.find("config");
        const Value& parts = config != nullptr ? *config : item;
        steps.push_back(bound(parts.find("step"), 1));
        begin.push_back(bound(parts.find("start"), steps.back() > 0 ? 0 : INT64_MAX));
        end.push_back(bound(parts.find("stop"), steps.back() > 0 ? INT64_MAX : INT64_MIN));
    }
};

bool is_ellipsis(const Value& item) {
    const Value* class_name = item.find("class_name");
    return class_name != nullptr && *class_name == Value("__ellipsis__");
}

Value::Array key_items(const OperationCall& call) {
    const Operand& key = call.a.operand("key");
    if (key.kind == Operand::Kind::constant) {
        const Value* items = key.constant.find("items");
        const Value& value = items != nullptr ? *items : key.constant;
        return value.array() != nullptr ? *value.array() : Value::Array{value};
    }
    Value::Array items;
    for (const Operand& item : key.items) {
        if (item.kind != Operand::Kind::constant)
            fail(Code::unsupported, "an index that is a tensor is not written as ONNX");
        items.push_back(item.constant);
    }
    if (key.kind != Operand::Kind::list) fail(Code::unsupported, "an index that is a tensor is not written as ONNX");
    return items;
}

Names sliced(OperationCall& call) {
    const Value::Array items = key_items(call);
    const auto used = std::count_if(items.begin(), items.end(),
                                    [](const Value& item) { return !item.is_null() && !is_ellipsis(item); });
    Key key;
    std::size_t axis = 0;
    std::int64_t made = 0;
    for (const Value& item : items) {
        if (!is_ellipsis(item)) {
            key.add(item, axis, made);
            continue;
        }
        const std::size_t whole = call.rank() - static_cast<std::size_t>(used);
        axis += whole;
        made += static_cast<std::int64_t>(whole);
    }
    Builder& b = call.b;
    Name y = call.x_itself();
    if (!key.axes.empty())
        y = b.add("Slice", {y, b.ints(key.begin), b.ints(key.end), b.ints(key.axes), b.ints(key.steps)});
    return {unsqueeze(b, squeeze(b, y, key.gone), key.added)};
}

Names tiled(OperationCall& call) {
    const Ints repeats = call.a.integers("repeats");
    Name x = call.x_itself();
    if (repeats.size() > call.rank()) x = unsqueeze(call.b, x, counted(0, repeats.size() - call.rank()));
    Ints times(std::max(repeats.size(), call.rank()), 1);
    std::copy(repeats.begin(), repeats.end(), times.end() - static_cast<std::ptrdiff_t>(repeats.size()));
    return {call.b.add("Tile", {x, call.b.ints(times)})};
}

Names flipped(OperationCall& call) {
    Name y = call.x_itself();
    for (const std::int64_t axis : axes_of(call)) y = reversed(call.b, y, axis);
    return {y};
}

/// One width for all sides, a pair for all axes, or a pair per axis.
std::vector<Ints> pad_widths(const OperationCall& call) {
    const auto numbers = [](const Value& value) {
        Ints out;
        if (value.array() != nullptr)
            for (const Value& item : *value.array()) out.push_back(item.integer() != nullptr ? *item.integer() : -1);
        return out;
    };
    const Value& value = call.a.constant("widths");
    if (const std::int64_t* width = value.integer()) return std::vector<Ints>(call.rank(), {*width, *width});
    if (value.array()->front().integer() != nullptr) return std::vector<Ints>(call.rank(), numbers(value));
    std::vector<Ints> widths;
    for (const Value& item : *value.array()) widths.push_back(numbers(item));
    if (widths.size() == 1) widths.assign(call.rank(), widths[0]);
    return widths;
}

Names padded(OperationCall& call) {
    std::string mode = call.a.text("mode");
    std::transform(mode.begin(), mode.end(), mode.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (mode != "constant" && mode != "reflect") fail(Code::unsupported, "padding '", mode, "' is not written as ONNX");
    Ints pads;
    const std::vector<Ints> widths = pad_widths(call);
    for (std::size_t side = 0; side < 2; ++side)
        for (const Ints& width : widths) pads.push_back(width.at(side));
    Names inputs = {call.x_itself(), call.b.ints(pads)};
    if (mode == "constant")
        inputs.push_back(
            call.b.number(call.dtypes[0], call.a.given("constant_values") ? call.a.number("constant_values") : 0));
    return {call.b.add("Pad", inputs, {{"mode", mode}})};
}

/// The part that begins at "start" and has the sizes that the operation has worked out.
Names part(OperationCall& call) {
    Ints begin = call.a.integers("start"), end = begin;
    const Ints sizes = call.a.integers("shape");
    for (std::size_t i = 0; i < sizes.size(); ++i) end[i] = sizes[i] < 0 ? INT64_MAX : begin[i] + sizes[i];
    return {call.b.add("Slice", {call.x_itself(), call.b.ints(begin), call.b.ints(end)})};
}

/// What leaves one end comes in at the other.
Names rolled(OperationCall& call) {
    if (!call.a.given("axis")) fail(Code::unsupported, "rolling over all axes at once is not written as ONNX");
    const Ints shifts = call.a.integers("shift"), axes = call.a.integers("axis");
    Name y = call.x_itself();
    for (std::size_t i = 0; i < shifts.size(); ++i) {
        const std::size_t axis = resolve_axis(axes.at(i), call.rank());
        const std::int64_t n = call.a.shape("x")[axis], along = static_cast<std::int64_t>(axis);
        if (n < 1) fail(Code::unsupported, "rolling over an axis of unknown size is not written as ONNX");
        const std::int64_t end = ((-shifts[i] % n) + n) % n;
        if (end != 0) y = concat(call.b, {slice(call.b, y, along, end, n), slice(call.b, y, along, 0, end)}, along);
    }
    return {y};
}

/// Along a new axis 1, or `on`, where the index says; indices outside give none.
Names one_hot(OperationCall& call) {
    const std::size_t rank = call.rank() + 1;
    const std::int64_t depth = call.a.integer("depth");
    const std::size_t axis = resolve_axis(call.a.given("axis") ? call.a.integer("axis") : -1, rank);
    Ints dims(rank, 1);
    dims[axis] = depth;
    const Tensor all = Tensor::from({depth}, counted(0, static_cast<std::size_t>(depth)));
    const Name index = unsqueeze(call.b, call.operand("x", DType::int64), {static_cast<std::int64_t>(axis)});
    const Name hot = call.b.add("Equal", {index, call.b.constant("depth", all.reshaped(Shape(dims)))});
    const auto value = [&](const char* name, double otherwise) {
        const bool given = call.a.has(name) && call.a.given(name);
        return given ? call.operand(name, call.dtypes[0]) : call.b.number(call.dtypes[0], otherwise);
    };
    return {call.b.add("Where", {hot, value("on", 1), value("off", 0)})};
}

Names broadcast(OperationCall& call) {
    if (!call.out[0].is_known()) fail(Code::unsupported, "shape ", call.out[0], " is not written as ONNX");
    return {call.b.add("Expand", {call.x_itself(), call.b.ints(call.out[0].dims())})};
}

Names shape_of(OperationCall& call) {
    const Name shape = call.b.add("Shape", {call.x_itself()});
    return {call.dtypes[0] == DType::int64 ? shape : cast(call.b, shape, call.dtypes[0])};
}

/// Rows of one axis.
Names gathered(OperationCall& call) {
    if (call.a.has("batch_dims") && call.a.integer("batch_dims") != 0)
        fail(Code::unsupported, "indices that differ between samples are not written as ONNX");
    if (!call.a.given("axis") && call.a.keras3())
        fail(Code::unsupported, "indices into all elements are not written as ONNX");
    const std::int64_t given = call.a.has("axis") && call.a.given("axis") ? call.a.integer("axis") : 0;
    return {call.b.add("Gather", {call.x_itself(), call.operand("indices", DType::int64)},
                       {{"axis", static_cast<std::int64_t>(resolve_axis(given, call.rank()))}})};
}

constexpr OperationForm forms[] = {
    {"Reshape", reshaped},
    {"Ravel", reshaped},
    {"ExpandDims", expand_dims},
    {"Squeeze", squeezed},
    {"Transpose", transposed},
    {"tf.linalg.matrix_transpose", matrices_turned},
    {"Swapaxes", swapped},
    {"Moveaxis", moved},
    {"tf.concat", concatenated},
    {"Concatenate", concatenated},
    {"Stack", stacked},
    {"Split", pieces},
    {"tf.split", pieces},
    {"Unstack", unstacked},
    {"GetItem", sliced},
    {"Tile", tiled},
    {"Flip", flipped},
    {"tf.reverse", flipped},
    {"tf.slice", part},
    {"Slice", part},
    {"Roll", rolled},
    {"tf.roll", rolled},
    {"OneHot", one_hot},
    {"tf.one_hot", one_hot},
    {"Pad", padded},
    {"tf.pad", padded},
    {"BroadcastTo", broadcast},
    {"tf.shape", shape_of},
    {"tf.gather", gathered},
    {"Take", gathered},
};

}  // namespace

OperationForms shaping_forms() { return forms; }

}  // namespace layerctl::onnx
