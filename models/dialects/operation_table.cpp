#include "models/dialects/operation_table.hpp"

#include "models/error.hpp"

namespace layerctl::dialects {
namespace {

const OperationParameter y{"y", "", {}, true}, axis{"axis", "axis", Value()},
    keepdims{"keepdims", "keepdims", Value(false)};

}  // namespace

const std::vector<OperationRow>& operation_rows() {
    static const std::vector<OperationRow> table = {
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
        {"math.floordiv", "FloorDivide", Operands::floats, {y}},
        {"math.floormod", "Mod", Operands::floats, {y}},
        {"math.logical_not", "LogicalNot", Operands::any, {}},
        {"math.logical_and", "LogicalAnd", Operands::any, {y}},
        {"math.logical_or", "LogicalOr", Operands::any, {y}},
        {"linalg.matmul", "Matmul", Operands::floats, {{"b", "", {}, true}}},
        {"math.negative", "Negative", Operands::any, {}},
        {"math.abs", "Absolute", Operands::any, {}},
        {"math.square", "Square", Operands::any, {}},
        {"math.sqrt", "Sqrt", Operands::floats, {}},
        {"math.rsqrt", "Rsqrt", Operands::floats, {}},
        {"math.exp", "Exp", Operands::floats, {}},
        {"math.log", "Log", Operands::floats, {}},
        {"math.sin", "Sin", Operands::floats, {}},
        {"math.cos", "Cos", Operands::floats, {}},
        {"math.log1p", "Log1p", Operands::floats, {}},
        {"math.expm1", "Expm1", Operands::floats, {}},
        {"math.reciprocal", "Reciprocal", Operands::floats, {}},
        {"math.erf", "Erf", Operands::floats, {}},
        {"math.tan", "Tan", Operands::floats, {}},
        {"math.asin", "Arcsin", Operands::floats, {}},
        {"math.acos", "Arccos", Operands::floats, {}},
        {"math.atan", "Arctan", Operands::floats, {}},
        {"math.sinh", "Sinh", Operands::floats, {}},
        {"math.cosh", "Cosh", Operands::floats, {}},
        {"math.softplus", "Softplus", Operands::floats, {}},
        {"math.sign", "Sign", Operands::floats, {}},
        {"math.floor", "Floor", Operands::floats, {}},
        {"math.ceil", "Ceil", Operands::floats, {}},
        {"math.tanh", "Tanh", Operands::floats, {}},
        {"math.sigmoid", "Sigmoid", Operands::floats, {}},
        {"nn.softsign", "Softsign", Operands::floats, {}},
        {"nn.silu", "Silu", Operands::floats, {}},
        {"nn.swish", "Silu", Operands::floats, {}},
        {"nn.relu", "Relu", Operands::floats, {}},
        {"nn.relu6", "Relu6", Operands::floats, {}},
        {"nn.elu", "Elu", Operands::floats, {}},
        {"nn.selu", "Selu", Operands::floats, {}},
        {"nn.leaky_relu", "LeakyRelu", Operands::floats, {{"alpha", "negative_slope", Value(0.2)}}},
        {"nn.log_softmax", "LogSoftmax", Operands::floats, {{"axis", "axis", Value(-1)}}},
        {"nn.softmax", "Softmax", Operands::floats, {{"axis", "axis", Value(-1)}}},
        {"math.reduce_mean", "Mean", Operands::floats, {axis, keepdims}},
        {"math.reduce_sum", "Sum", Operands::floats, {axis, keepdims}},
        {"math.reduce_max", "Max", Operands::floats, {axis, keepdims}},
        {"math.reduce_min", "Min", Operands::floats, {axis, keepdims}},
        {"math.reduce_prod", "Prod", Operands::floats, {axis, keepdims}},
        {"math.reduce_std", "Std", Operands::floats, {axis, keepdims}},
        {"math.reduce_variance", "Var", Operands::floats, {axis, keepdims}},
        {"math.reduce_logsumexp", "Logsumexp", Operands::floats, {axis, keepdims}},
        {"math.reduce_all", "All", Operands::any, {axis, keepdims}},
        {"math.reduce_any", "Any", Operands::any, {axis, keepdims}},
        {"identity", "Copy", Operands::any, {}},
        {"stop_gradient", "StopGradient", Operands::any, {}},
        {"repeat", "Repeat", Operands::any, {{"repeats", "repeats", {}}, {"axis", "axis", Value()}}},
        {"zeros_like", "ZerosLike", Operands::any, {}},
        {"ones_like", "OnesLike", Operands::any, {}},
        {"where", "Where", Operands::mixed, {{"x", "", {}, true}, y}},
        {"compat.v1.squeeze", "Squeeze", Operands::any, {axis}},
        {"squeeze", "Squeeze", Operands::any, {axis}},
        {"concat", "Concatenate", Operands::any, {{"axis", "axis", {}}}},
        {"stack", "Stack", Operands::any, {{"axis", "axis", Value(0)}}},
        {"expand_dims", "ExpandDims", Operands::any, {{"axis", "axis", {}}}},
        {"reshape", "Reshape", Operands::any, {{"shape", "newshape", {}}}},
        {"transpose", "Transpose", Operands::any, {{"perm", "axes", Value()}}},
        {"compat.v1.transpose", "Transpose", Operands::any, {{"perm", "axes", Value()}}},
        {"cast", "Cast", Operands::any, {{"dtype", "dtype", {}}}},
        {"clip_by_value", "Clip", Operands::floats, {{"clip_value_min", "x_min", {}}, {"clip_value_max", "x_max", {}}}},
        {"pad", "Pad", Operands::any, {{"paddings", "pad_width", {}}}},
        {"math.round", "Round", Operands::floats, {}},
        {"image.resize",
         "Resize",
         Operands::floats,
         {{"size", "size", {}}, {"method", "interpolation", Value("bilinear")}}},
        {"tile", "Tile", Operands::any, {{"multiples", "repeats", {}}}},
    };
    return table;
}

Value initial_of(const OperationParameter& parameter, const OperationRow& row) {
    if (!parameter.initial) fail(Code::unsupported, "'", row.tf, "' without '", parameter.tf, "' is not translated");
    return *parameter.initial;
}

Argument constant_argument(Value value) {
    Argument argument;
    argument.constant = std::move(value);
    return argument;
}

Argument operand_of_keras3(const Argument& argument, const std::string& dtype) {
    if (argument.kind != Argument::Kind::constant || argument.constant.array() == nullptr) return argument;
    return constant_argument(Value::object(
        {{"class_name", "__numpy__"}, {"config", Value::object({{"value", argument.constant}, {"dtype", dtype}})}}));
}

Translated op_lambda(std::string_view class_name, const std::string& name, std::string_view function) {
    return {std::string(class_name), "", "keras.layers",
            Value::object(
                {{"name", name}, {"trainable", true}, {"dtype", "float32"}, {"function", std::string(function)}})};
}

Value slice_of_keras3(const Value& item) {
    if (item.array() != nullptr) {
        Value::Array items;
        for (const Value& part : *item.array()) items.push_back(slice_of_keras3(part));
        return items;
    }
    if (item.object() == nullptr) return item;
    const Value* class_name = item.find("class_name");
    if (class_name != nullptr) return Value::object({{"class_name", *class_name}, {"config", Value(Value::Object{})}});
    return Value::object({{"class_name", "__slice__"}, {"config", item}});
}

}  // namespace layerctl::dialects
