// Operations between layers: TFOpLambda and SlicingOpLambda of Keras 2, operation nodes of Keras 3.
#include <algorithm>

#include "models/dialects/parts.hpp"

namespace layerctl::dialects {
namespace {

/// A parameter under its two names. Keras 3 has it in the config; its place among the arguments if `argument`.
struct Parameter {
    std::string_view tf, keras3;
    std::string_view initial;  // JSON of what it is if nobody says it; empty: must be said
    bool argument = false;
};

/// What an operation asks of its operands.
enum class Operands { any, floats, mixed };

/// One function of TensorFlow and the operation of Keras 3 that computes the same.
struct Row {
    std::string_view tf, keras3;
    Operands operands;
    std::vector<Parameter> rest;
};

const Parameter y{"y", "", "", true}, axis{"axis", "axis", "null"}, keepdims{"keepdims", "keepdims", "false"};

const std::vector<Row>& rows() {
    static const std::vector<Row> table = {
        {"__operators__.add", "Add", Operands::any, {y}},
        {"math.add", "Add", Operands::any, {y}},
        {"math.subtract", "Subtract", Operands::any, {y}},
        {"math.multiply", "Multiply", Operands::any, {y}},
        {"math.truediv", "TrueDivide", Operands::floats, {y}},
        {"math.divide", "Divide", Operands::floats, {y}},
        {"math.pow", "Power", Operands::floats, {y}},
        {"math.maximum", "Maximum", Operands::any, {y}},
        {"math.minimum", "Minimum", Operands::any, {y}},
        {"math.greater", "Greater", Operands::any, {y}},
        {"math.greater_equal", "GreaterEqual", Operands::any, {y}},
        {"math.less", "Less", Operands::any, {y}},
        {"math.less_equal", "LessEqual", Operands::any, {y}},
        {"math.equal", "Equal", Operands::any, {y}},
        {"math.not_equal", "NotEqual", Operands::any, {y}},
        {"math.logical_and", "LogicalAnd", Operands::any, {y}},
        {"math.logical_or", "LogicalOr", Operands::any, {y}},
        {"linalg.matmul", "Matmul", Operands::floats, {{"b", "", "", true}}},
        {"math.negative", "Negative", Operands::any, {}},
        {"math.abs", "Absolute", Operands::any, {}},
        {"math.square", "Square", Operands::any, {}},
        {"math.sqrt", "Sqrt", Operands::floats, {}},
        {"math.rsqrt", "Rsqrt", Operands::floats, {}},
        {"math.exp", "Exp", Operands::floats, {}},
        {"math.log", "Log", Operands::floats, {}},
        {"math.sin", "Sin", Operands::floats, {}},
        {"math.cos", "Cos", Operands::floats, {}},
        {"math.sign", "Sign", Operands::floats, {}},
        {"math.floor", "Floor", Operands::floats, {}},
        {"math.ceil", "Ceil", Operands::floats, {}},
        {"math.tanh", "Tanh", Operands::floats, {}},
        {"math.sigmoid", "Sigmoid", Operands::floats, {}},
        {"nn.relu", "Relu", Operands::floats, {}},
        {"nn.relu6", "Relu6", Operands::floats, {}},
        {"nn.elu", "Elu", Operands::floats, {}},
        {"nn.selu", "Selu", Operands::floats, {}},
        {"nn.softmax", "Softmax", Operands::floats, {{"axis", "axis", "-1"}}},
        {"math.reduce_mean", "Mean", Operands::floats, {axis, keepdims}},
        {"math.reduce_sum", "Sum", Operands::floats, {axis, keepdims}},
        {"math.reduce_max", "Max", Operands::floats, {axis, keepdims}},
        {"math.reduce_min", "Min", Operands::floats, {axis, keepdims}},
        {"math.reduce_any", "Any", Operands::any, {axis, keepdims}},
        {"zeros_like", "ZerosLike", Operands::any, {}},
        {"ones_like", "OnesLike", Operands::any, {}},
        {"where", "Where", Operands::mixed, {{"x", "", "", true}, y}},
        {"compat.v1.squeeze", "Squeeze", Operands::any, {axis}},
        {"squeeze", "Squeeze", Operands::any, {axis}},
        {"concat", "Concatenate", Operands::any, {{"axis", "axis", ""}}},
        {"stack", "Stack", Operands::any, {{"axis", "axis", "0"}}},
        {"expand_dims", "ExpandDims", Operands::any, {{"axis", "axis", ""}}},
        {"reshape", "Reshape", Operands::any, {{"shape", "newshape", ""}}},
        {"transpose", "Transpose", Operands::any, {{"perm", "axes", "null"}}},
        {"compat.v1.transpose", "Transpose", Operands::any, {{"perm", "axes", "null"}}},
        {"cast", "Cast", Operands::any, {{"dtype", "dtype", ""}}},
        {"clip_by_value",
         "Clip",
         Operands::floats,
         {{"clip_value_min", "x_min", ""}, {"clip_value_max", "x_max", ""}}},
        {"tile", "Tile", Operands::any, {{"multiples", "repeats", ""}}},
    };
    return table;
}

[[noreturn]] void no_counterpart(const std::string& name, const Task& task) {
    fail(Code::unsupported, "the operation '", name, "' has no counterpart in ", task.keras(), " that layerctl knows");
}

/// Both versions mean the same by operands of one floating dtype.
void require_operands(const Row& row, const ModelSpec& model, const LayerSpec& layer, const Task& task) {
    std::string first;
    for (const Call& call : layer.calls)
        for (const TensorRef& reference : call.tensors()) {
            const std::string dtype = task.facts(model.layers[reference.layer], reference.node, reference.tensor).dtype;
            if (row.operands == Operands::floats && dtype.find("float") == std::string::npos)
                fail(Code::unsupported, "'", row.tf, "' of ", dtype, " is not translated");
            if (first.empty()) first = dtype;
            if (dtype != first && row.operands != Operands::mixed)
                fail(Code::unsupported, "'", row.tf, "' of ", first, " and ", dtype, " is not translated");
        }
}

/// Keras 3 may add an array of more than one axis as a bias, whatever its shape says.
void require_plain_sum(const Row& row, const LayerSpec& layer) {
    if (row.keras3 != "Add") return;
    const auto has_axes = [](const Argument& argument) {
        const Value* value = &argument.constant;
        if (const Value* config = value->find("config"); config != nullptr && config->find("value") != nullptr)
            value = config->find("value");
        return value->array() != nullptr && !value->array()->empty() && value->array()->front().array() != nullptr;
    };
    for (const Call& call : layer.calls) {
        bool any = std::any_of(call.args.begin(), call.args.end(), has_axes);
        for (const auto& [name, argument] : call.kwargs) any = any || has_axes(argument);
        if (any) fail(Code::unsupported, "the sum with a constant array of several axes is not translated");
    }
}

Argument constant(Value value) {
    Argument argument;
    argument.constant = std::move(value);
    return argument;
}

/// A constant operand of Keras 3: numbers as they are, lists as arrays of the other operand's dtype.
Argument operand(const Argument& argument, const std::string& dtype) {
    if (argument.kind != Argument::Kind::constant || argument.constant.array() == nullptr) return argument;
    return constant(Value::object(
        {{"class_name", "__numpy__"}, {"config", Value::object({{"value", argument.constant}, {"dtype", dtype}})}}));
}

std::string dtype_of_first(const ModelSpec& model, const Call& call, const Task& task) {
    const std::vector<TensorRef> tensors = call.tensors();
    if (tensors.empty()) fail(Code::unsupported, "an operation without tensors is not translated");
    const TensorRef& first = tensors.front();
    return task.facts(model.layers[first.layer], first.node, first.tensor).dtype;
}

bool is_parameter(const Row& row, std::string_view key) {
    for (const Parameter& parameter : row.rest)
        if (parameter.tf == key) return true;
    return false;
}

/// Arguments of the TensorFlow function that the table does not know must say nothing.
void refuse_others(const Row& row, const Call& call) {
    for (const auto& [key, argument] : call.kwargs) {
        if (key == "name" || is_parameter(row, key)) continue;
        const bool silent = argument.kind == Argument::Kind::constant &&
                            (argument.constant.is_null() || argument.constant == Value(false));
        if (!silent) fail(Code::unsupported, "'", row.tf, "': its argument '", key, "' is not translated");
    }
}

Value initial_of(const Parameter& parameter, const Row& row) {
    if (parameter.initial.empty())
        fail(Code::unsupported, "'", row.tf, "' without '", parameter.tf, "' is not translated");
    if (parameter.initial == "null") return {};
    if (parameter.initial == "false") return false;
    return parameter.initial == "0" ? 0 : -1;
}

Operation to_keras3(const Row& row, const LayerSpec& layer, const ModelSpec& model, const Task& task) {
    if (layer.calls.size() != 1) fail(Code::unsupported, "an operation called several times is not translated");
    require_operands(row, model, layer, task);
    require_plain_sum(row, layer);
    const Call& call = layer.calls.front();
    refuse_others(row, call);
    const std::string dtype = dtype_of_first(model, call, task);
    Operation out;
    Call made;
    made.args.push_back(operand(call.args.front(), dtype));
    Value config = Value::object({{"name", layer.name}});
    for (const Parameter& parameter : row.rest) {
        const Argument* given = call.kwarg(parameter.tf);
        if (parameter.argument) {
            if (given == nullptr)
                fail(Code::unsupported, "'", row.tf, "': the file does not hold its argument '", parameter.tf, "'");
            made.args.push_back(operand(*given, dtype));
            continue;
        }
        if (given != nullptr && given->kind != Argument::Kind::constant)
            fail(Code::unsupported, "'", row.tf, "': a tensor for '", parameter.tf, "' is not translated");
        config.set(parameter.keras3, given != nullptr ? given->constant : initial_of(parameter, row));
    }
    out.layer = {std::string(row.keras3), std::string(row.keras3), std::string(operation_module(row.keras3)),
                 std::move(config)};
    out.calls.push_back(std::move(made));
    return out;
}

/// numpy arrays of Keras 3 are lists in Keras 2.
Argument plain_operand(const Argument& argument) {
    const Value* class_name =
        argument.kind == Argument::Kind::constant ? argument.constant.find("class_name") : nullptr;
    if (class_name == nullptr) return argument;
    const Value* config = argument.constant.find("config");
    if (*class_name != Value("__numpy__") || config == nullptr || config->find("value") == nullptr)
        fail(Code::unsupported, "the constant ", excerpt(argument.constant), " is not translated");
    return constant(*config->find("value"));
}

/// A slice is {"start", "stop", "step"} in Keras 2 and an object of the class __slice__ in Keras 3.
Value slice_to_keras3(const Value& item) {
    if (item.array() != nullptr) {
        Value::Array items;
        for (const Value& part : *item.array()) items.push_back(slice_to_keras3(part));
        return items;
    }
    if (item.object() == nullptr) return item;
    const Value* class_name = item.find("class_name");
    if (class_name != nullptr) return Value::object({{"class_name", *class_name}, {"config", Value(Value::Object{})}});
    return Value::object({{"class_name", "__slice__"}, {"config", item}});
}

Value slice_to_keras2(const Value& item) {
    if (item.array() != nullptr) {
        Value::Array items;
        for (const Value& part : *item.array()) items.push_back(slice_to_keras2(part));
        return items;
    }
    const Value* class_name = item.find("class_name");
    if (class_name == nullptr) return item;
    if (*class_name == Value("__slice__")) return *item.find("config");
    return Value::object({{"class_name", *class_name}});
}

/// The constant that says which part is taken.
const Value& slice_of(const Argument* argument) {
    if (argument == nullptr || argument->kind != Argument::Kind::constant)
        fail(Code::unsupported, "a slice whose bounds are tensors is not translated");
    return argument->constant;
}

Value lambda_config(const LayerSpec& layer, std::string_view function) {
    return Value::object(
        {{"name", layer.name}, {"trainable", true}, {"dtype", "float32"}, {"function", std::string(function)}});
}

Operation to_keras2(const Row& row, const LayerSpec& layer, const ModelSpec& model, const Task& task) {
    if (layer.calls.size() != 1) fail(Code::unsupported, "an operation called several times is not translated");
    require_operands(row, model, layer, task);
    require_plain_sum(row, layer);
    const Call& call = layer.calls.front();
    Operation out;
    Call made;
    std::size_t place = 0;
    const auto next = [&](std::string_view name) {
        if (place < call.args.size()) return plain_operand(call.args[place++]);
        if (const Argument* given = call.kwarg(name)) return plain_operand(*given);
        fail(Code::unsupported, "a call with the arguments by name is not translated");
    };
    made.args.push_back(next("x"));
    for (const Parameter& parameter : row.rest) {
        if (parameter.argument) {
            made.kwargs.emplace_back(std::string(parameter.tf), next("x2"));
            continue;
        }
        const Value* held = layer.config.find(parameter.keras3);
        made.kwargs.emplace_back(std::string(parameter.tf),
                                 constant(held != nullptr ? *held : initial_of(parameter, row)));
    }
    if (place != call.args.size() || !call.kwargs.empty())
        fail(Code::unsupported, "arguments of '", row.keras3, "' that are not translated");
    for (const auto& [key, value] : *layer.config.value().object()) {
        bool known = key == "name" || value.is_null();
        for (const Parameter& parameter : row.rest) known = known || parameter.keras3 == key;
        if (!known)
            fail(Code::unsupported, "'", key, "' of '", row.keras3, "' is not translated, found ", excerpt(value));
    }
    out.layer = {"TFOpLambda", "", "keras.layers", lambda_config(layer, row.tf)};
    out.calls.push_back(std::move(made));
    return out;
}

Operation translated_slice(const LayerSpec& layer, const Task& task) {
    Operation out;
    if (layer.calls.size() != 1 || layer.calls.front().args.empty())
        fail(Code::unsupported, "an operation called several times is not translated");
    const Call& call = layer.calls.front();
    if (task.to_keras3()) {
        const Value slice = slice_to_keras3(slice_of(call.kwarg("slice_spec")));
        out.layer = {"GetItem", "GetItem", std::string(operation_module("GetItem")),
                     Value::object({{"name", layer.name}})};
        out.calls.push_back({{call.args.front(), constant(slice)}, {}});
    } else {
        const Value slice = slice_to_keras2(slice_of(call.args.size() > 1 ? &call.args[1] : nullptr));
        out.layer = {"SlicingOpLambda", "", "keras.layers", lambda_config(layer, "__operators__.getitem")};
        out.calls.push_back({{call.args.front()}, {{"slice_spec", constant(slice)}}});
    }
    return out;
}

}  // namespace

bool is_unnamed_operation(std::string_view class_name, const Value& config) {
    constexpr std::string_view without_trainable =
        "InputLayer Discretization HashedCrossing Pipeline SpatialDropout1D SpatialDropout2D SpatialDropout3D";
    return config.find("trainable") == nullptr && config.find("layers") == nullptr &&
           !is_one_of(class_name, without_trainable);
}

bool is_operation(const LayerSpec& layer, Dialect dialect) {
    if (dialect != Dialect::keras3) return is_one_of(layer.class_name, "TFOpLambda SlicingOpLambda TensorFlowOpLayer");
    if (!layer.registered_name.empty() && layer.registered_name != layer.class_name) return false;
    if (layer.module.starts_with("keras.src.ops.")) return true;
    return layer.module.empty() && is_unnamed_operation(layer.class_name, layer.config.value());
}

Operation translated_operation(const LayerSpec& layer, const ModelSpec& model, const Task& task) {
    const Value* function = layer.config.find("function");
    const std::string name = !task.to_keras3()                                      ? layer.class_name
                             : function != nullptr && function->string() != nullptr ? *function->string()
                                                                                    : layer.class_name;
    if (name == (task.to_keras3() ? "__operators__.getitem" : "GetItem")) return translated_slice(layer, task);
    for (const Row& row : rows()) {
        if (task.to_keras3() && row.tf == name) return to_keras3(row, layer, model, task);
        const bool same_module = layer.module.empty() || layer.module == operation_module(row.keras3);
        if (!task.to_keras3() && row.keras3 == name && same_module) return to_keras2(row, layer, model, task);
    }
    no_counterpart(name, task);
}

}  // namespace layerctl::dialects
