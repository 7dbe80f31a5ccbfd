// Operations on one element of each operand: functions, operators, comparisons, activations, casts.
#include <algorithm>
#include <cmath>

#include "api/onnx/layer_call.hpp"
#include "api/onnx/operations/operation.hpp"
#include "api/onnx/steps.hpp"

namespace layerctl::onnx {
namespace {

using Id = Activation::Id;
using ops::Operand;

/// A node of one input, in the dtype of the output.
template <const char* const& op_type>
Names function(OperationCall& call) {
    require_numbers(call);
    return {call.b.add(op_type, {call.x_as_output()})};
}

constexpr const char *abs_op = "Abs", *neg_op = "Neg", *exp_op = "Exp", *log_op = "Log", *sqrt_op = "Sqrt",
                     *sin_op = "Sin", *cos_op = "Cos", *tan_op = "Tan", *asin_op = "Asin", *acos_op = "Acos",
                     *atan_op = "Atan", *sinh_op = "Sinh", *cosh_op = "Cosh", *asinh_op = "Asinh", *acosh_op = "Acosh",
                     *atanh_op = "Atanh", *floor_op = "Floor", *ceil_op = "Ceil", *round_op = "Round",
                     *sign_op = "Sign", *reciprocal_op = "Reciprocal", *erf_op = "Erf", *not_op = "Not",
                     *add_op = "Add", *sub_op = "Sub", *mul_op = "Mul", *max_op = "Max", *min_op = "Min",
                     *equal_op = "Equal", *less_op = "Less", *less_equal_op = "LessOrEqual", *greater_op = "Greater",
                     *greater_equal_op = "GreaterOrEqual", *and_op = "And", *or_op = "Or", *xor_op = "Xor",
                     *is_nan_op = "IsNaN";

template <const char* const& op_type>
Names float_function(OperationCall& call) {
    require_float(call);
    return function<op_type>(call);
}

Names square(OperationCall& call) {
    require_numbers(call);
    const Name x = call.x_as_output();
    return {call.b.add("Mul", {x, x})};
}

Names rsqrt(OperationCall& call) { return {call.b.add("Reciprocal", {function<sqrt_op>(call)[0]})}; }

Names log1p(OperationCall& call) {
    return {call.b.add("Log", {with_number(call.b, "Add", call.x_as_output(), call.dtypes[0], 1)})};
}

Names expm1(OperationCall& call) { return {with_number(call.b, "Sub", function<exp_op>(call)[0], call.dtypes[0], 1)}; }

/// log(x) / log(base)
Names log2(OperationCall& call) {
    return {with_number(call.b, "Div", function<log_op>(call)[0], call.dtypes[0], std::log(2.0))};
}
Names log10(OperationCall& call) {
    return {with_number(call.b, "Div", function<log_op>(call)[0], call.dtypes[0], std::log(10.0))};
}

Name on_pair(OperationCall& call, const char* op_type, DType dtype) {
    return call.b.add(op_type, {call.operand(call.a.operand(0), dtype), call.operand(call.a.operand(1), dtype)});
}

template <const char* const& op_type>
Names arithmetic(OperationCall& call) {
    require_numbers(call);
    return {on_pair(call, op_type, call.dtypes[0])};
}

/// The constant Keras 3 sees as a bias, because its dimensions are 1 but for one: it belongs to the last axis of x if
/// that is as long, else to axis 1, wherever the constant has it.
Tensor as_bias(const Tensor& y, const Shape& x) {
    std::int64_t longer = 0, count = 0;
    for (const std::int64_t n : y.shape()) {
        if (n == 1) continue;
        longer = n;
        ++count;
    }
    if (count != 1 || x.rank() < 2) return y;
    if (x.back() == Shape::unknown || x[1] == Shape::unknown)
        fail(Code::unsupported, "a constant whose axis depends on unknown sizes is not written as ONNX");
    if (x.back() == longer) return y.reshaped({longer});
    if (x[1] != longer) return y;
    std::vector<std::int64_t> dims(x.rank() - 1, 1);
    dims[0] = longer;
    return y.reshaped(Shape(dims));
}

Names sum(OperationCall& call) {
    if (!call.a.keras3() || call.a.operand(1).kind != Operand::Kind::constant) return arithmetic<add_op>(call);
    const DType dtype = call.dtypes[0];
    const Tensor bias = as_bias(call.a.tensor(call.a.operand(1), dtype), call.a.shape(call.a.operand(0)));
    return {call.b.add("Add", {call.operand(call.a.operand(0), dtype), call.b.constant("constant", bias)})};
}

Names quotient(OperationCall& call) {
    require_float(call);
    return {on_pair(call, "Div", call.dtypes[0])};
}

Names floor_quotient(OperationCall& call) {
    require_float(call);
    return {call.b.add("Floor", {on_pair(call, "Div", call.dtypes[0])})};
}

/// x − ⌊x / y⌋·y; of integers ONNX' Mod is Python's.
Names floor_remainder(OperationCall& call) {
    const DType dtype = call.dtypes[0];
    if (!is_floating(dtype)) return {on_pair(call, "Mod", dtype)};
    const Name x = call.operand(call.a.operand(0), dtype), y = call.operand(call.a.operand(1), dtype);
    const Name whole = call.b.add("Floor", {call.b.add("Div", {x, y})});
    return {call.b.add("Sub", {x, call.b.add("Mul", {whole, y})})};
}

Names power(OperationCall& call) {
    require_float(call);
    return {on_pair(call, "Pow", call.dtypes[0])};
}

Names squared_difference(OperationCall& call) {
    const Name difference = on_pair(call, "Sub", call.dtypes[0]);
    return {call.b.add("Mul", {difference, difference})};
}

/// x / y, 0 where y is 0.
Names divide_no_nan(OperationCall& call) {
    require_float(call);
    const DType dtype = call.dtypes[0];
    const Name zero = call.b.number(dtype, 0);
    const Name none = call.b.add("Equal", {call.operand(call.a.operand(1), dtype), zero});
    return {call.b.add("Where", {none, zero, on_pair(call, "Div", dtype)})};
}

Names sum_of_list(OperationCall& call) {
    Name y;
    for (const Operand* part : call.a.list("x")) {
        const Name x = call.operand(*part, call.dtypes[0]);
        y = y.empty() ? x : call.b.add("Add", {y, x});
    }
    return {y};
}

DType pair_dtype(const OperationCall& call) {
    return ops::carried(ops::common_dtype(call.a, {&call.a.operand(0), &call.a.operand(1)}));
}

template <const char* const& op_type>
Names comparison(OperationCall& call) {
    return {on_pair(call, op_type, pair_dtype(call))};
}

Names not_equal(OperationCall& call) { return {call.b.add("Not", {on_pair(call, "Equal", pair_dtype(call))})}; }

template <const char* const& op_type>
Names logic(OperationCall& call) {
    return {on_pair(call, op_type, DType::boolean)};
}

Names logical_not(OperationCall& call) { return {call.b.add("Not", {call.operand("x", DType::boolean)})}; }

Names is_nan(OperationCall& call) {
    if (!is_floating(call.a.dtype("x"))) fail(Code::unsupported, "on integers it is not written as ONNX");
    return {call.b.add("IsNaN", {call.x_itself()})};
}

Names choice(OperationCall& call) {
    if (!call.a.given("x") || !call.a.given("y"))
        fail(Code::unsupported, "the positions of a condition are not written as ONNX");
    return {call.b.add("Where", {call.operand("condition", DType::boolean), call.operand("x", call.dtypes[0]),
                                 call.operand("y", call.dtypes[0])})};
}

Names clipped(OperationCall& call) {
    require_numbers(call);
    const DType dtype = call.dtypes[0];
    const Name above = call.b.add("Max", {call.x_as_output(), call.operand("low", dtype)});
    return {call.b.add("Min", {above, call.operand("high", dtype)})};
}

Names converted(OperationCall& call) { return {call.x_as_output()}; }

Names constant_like(OperationCall& call, double value) {
    const Name shape = call.b.add("Shape", {call.x_itself()});
    return {call.b.add("Expand", {call.b.number(call.dtypes[0], value), shape})};
}
Names zeros_like(OperationCall& call) { return constant_like(call, 0); }
Names ones_like(OperationCall& call) { return constant_like(call, 1); }

Names activated(OperationCall& call, const Activation& activation) {
    require_float(call);
    return {activate(call.b, activation, call.x_as_output(), call.dtypes[0], call.rank())};
}

template <Id id>
Names plain_activation(OperationCall& call) {
    return activated(call, {.id = id});
}

/// The parameter stands in the argument "alpha".
template <Id id>
Names sloped(OperationCall& call) {
    return activated(call, {.id = id, .alpha = call.a.number("alpha")});
}

Names tf_elu(OperationCall& call) { return activated(call, {.id = Id::elu, .alpha = 1}); }

Names threshold(OperationCall& call) {
    return activated(
        call, {.id = Id::threshold, .alpha = call.a.number("threshold"), .value = call.a.number("default_value")});
}

Names gelu(OperationCall& call) {
    return activated(call, {.id = call.a.flag("approximate") ? Id::gelu_tanh : Id::gelu});
}

Names silu(OperationCall& call) {
    if (!call.a.has("beta")) return plain_activation<Id::silu>(call);
    require_float(call);
    const Name x = call.x_as_output();
    const Name inner = with_number(call.b, "Mul", x, call.dtypes[0], call.a.number("beta"));
    return {call.b.add("Mul", {x, call.b.add("Sigmoid", {inner})})};
}

/// Over one axis or several; null is all, or the last for tf.
template <Id id>
Names softmax(OperationCall& call) {
    Activation activation{.id = id};
    activation.axes.values.clear();
    if (call.a.given("axis"))
        for (const std::int64_t axis : call.a.integers("axis")) activation.axes.values.push_back(axis);
    else if (!call.a.keras3()) activation.axes.values = {-1};
    else activation.axes.values = counted(0, call.rank());
    return activated(call, activation);
}

/// x / √max(Σx², epsilon)
Names l2_normalize(OperationCall& call) {
    require_float(call);
    Builder& b = call.b;
    const Name x = call.x_as_output();
    const Name squares = reduce(b, "ReduceSum", b.add("Mul", {x, x}), axes_of(call), true);
    const Name kept = with_number(b, "Max", squares, call.dtypes[0], call.a.number("epsilon"));
    return {b.add("Div", {x, b.add("Sqrt", {kept})})};
}

constexpr OperationForm forms[] = {
    {"Absolute", function<abs_op>},
    {"tf.math.abs", function<abs_op>},
    {"Negative", function<neg_op>},
    {"Exp", float_function<exp_op>},
    {"Log", float_function<log_op>},
    {"Log1p", log1p},
    {"Expm1", expm1},
    {"Log2", log2},
    {"Log10", log10},
    {"Sqrt", float_function<sqrt_op>},
    {"tf.math.sqrt", float_function<sqrt_op>},
    {"Rsqrt", rsqrt},
    {"Square", square},
    {"Sin", float_function<sin_op>},
    {"Cos", float_function<cos_op>},
    {"Tan", float_function<tan_op>},
    {"Arcsin", float_function<asin_op>},
    {"Arccos", float_function<acos_op>},
    {"Arctan", float_function<atan_op>},
    {"Sinh", float_function<sinh_op>},
    {"Cosh", float_function<cosh_op>},
    {"Arcsinh", float_function<asinh_op>},
    {"Arccosh", float_function<acosh_op>},
    {"Arctanh", float_function<atanh_op>},
    {"Floor", float_function<floor_op>},
    {"tf.math.floor", float_function<floor_op>},
    {"Ceil", float_function<ceil_op>},
    {"tf.math.ceil", float_function<ceil_op>},
    {"tf.math.round", float_function<round_op>},
    {"Sign", function<sign_op>},
    {"tf.math.sign", function<sign_op>},
    {"Reciprocal", float_function<reciprocal_op>},
    {"tf.math.reciprocal", float_function<reciprocal_op>},
    {"Erf", float_function<erf_op>},
    {"Add", sum},
    {"Subtract", arithmetic<sub_op>},
    {"Multiply", arithmetic<mul_op>},
    {"TrueDivide", quotient},
    {"FloorDivide", floor_quotient},
    {"Mod", floor_remainder},
    {"Power", power},
    {"Maximum", arithmetic<max_op>},
    {"Minimum", arithmetic<min_op>},
    {"tf.math.squared_difference", squared_difference},
    {"DivideNoNan", divide_no_nan},
    {"tf.math.add_n", sum_of_list},
    {"Greater", comparison<greater_op>},
    {"GreaterEqual", comparison<greater_equal_op>},
    {"Less", comparison<less_op>},
    {"LessEqual", comparison<less_equal_op>},
    {"Equal", comparison<equal_op>},
    {"NotEqual", not_equal},
    {"LogicalAnd", logic<and_op>},
    {"LogicalOr", logic<or_op>},
    {"LogicalXor", logic<xor_op>},
    {"LogicalNot", logical_not},
    {"Isnan", is_nan},
    {"Where", choice},
    {"Clip", clipped},
    {"Cast", converted},
    {"tf.convert_to_tensor", converted},
    {"ConvertToTensor", converted},
    {"Array", converted},
    {"Identity", converted},
    {"ZerosLike", zeros_like},
    {"tf.zeros_like", zeros_like},
    {"OnesLike", ones_like},
    {"tf.ones_like", ones_like},
    {"Relu", plain_activation<Id::relu>},
    {"Relu6", plain_activation<Id::relu6>},
    {"Sigmoid", plain_activation<Id::sigmoid>},
    {"Tanh", plain_activation<Id::tanh>},
    {"Softplus", plain_activation<Id::softplus>},
    {"Softsign", plain_activation<Id::softsign>},
    {"Selu", plain_activation<Id::selu>},
    {"LogSigmoid", plain_activation<Id::log_sigmoid>},
    {"HardSigmoid", plain_activation<Id::hard_sigmoid>},
    {"HardSilu", plain_activation<Id::hard_silu>},
    {"HardTanh", plain_activation<Id::hard_tanh>},
    {"TanhShrink", plain_activation<Id::tanh_shrink>},
    {"SparseSigmoid", plain_activation<Id::sparse_sigmoid>},
    {"SparsePlus", plain_activation<Id::sparse_plus>},
    {"Silu", silu},
    {"tf.nn.silu", silu},
    {"SoftShrink", sloped<Id::soft_shrink>},
    {"HardShrink", sloped<Id::hard_shrink>},
    {"Threshold", threshold},
    {"tf.nn.leaky_relu", sloped<Id::leaky_relu>},
    {"LeakyRelu", sloped<Id::leaky_relu>},
    {"tf.nn.elu", tf_elu},
    {"Elu", sloped<Id::elu>},
    {"Celu", sloped<Id::celu>},
    {"tf.nn.gelu", gelu},
    {"Gelu", gelu},
    {"Softmax", softmax<Id::softmax>},
    {"LogSoftmax", softmax<Id::log_softmax>},
    {"tf.math.l2_normalize", l2_normalize},
};

}  // namespace

OperationForms elementwise_forms() { return forms; }

}  // namespace layerctl::onnx
