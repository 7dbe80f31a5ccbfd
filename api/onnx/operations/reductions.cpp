// Reductions along axes, and the positions of extremes.
#include "api/onnx/operations/operation.hpp"
#include "api/onnx/steps.hpp"

namespace layerctl::onnx {
namespace {

bool keeps_axes(const OperationCall& call) { return call.a.given("keepdims") && call.a.flag("keepdims"); }

Name reduced(OperationCall& call, const char* op_type, const Name& x, bool keepdims) {
    const Ints axes = axes_of(call);
    return axes.empty() ? x : reduce(call.b, op_type, x, axes, keepdims);
}

void require_no_start(const OperationCall& call) {
    for (const char* name : {"initial", "where"})
        if (call.a.has(name) && call.a.given(name))
            fail(Code::unsupported, "argument '", name, "' is not written as ONNX");
}

template <const char* const& op_type>
Names reduction(OperationCall& call) {
    require_numbers(call);
    require_no_start(call);
    return {reduced(call, op_type, call.x_as_output(), keeps_axes(call))};
}

constexpr const char *sum_op = "ReduceSum", *mean_op = "ReduceMean", *max_op = "ReduceMax", *min_op = "ReduceMin",
                     *prod_op = "ReduceProd", *log_sum_exp_op = "ReduceLogSumExp", *norm_op = "ReduceL2",
                     *arg_max_op = "ArgMax", *arg_min_op = "ArgMin";

Names mean(OperationCall& call) {
    if (!is_floating(call.dtypes[0])) fail(Code::unsupported, "the mean of integers is not written as ONNX");
    return reduction<mean_op>(call);
}

Name variance(OperationCall& call) {
    if (!is_floating(call.dtypes[0])) fail(Code::unsupported, "of integers it is not written as ONNX");
    const Name x = call.x_as_output();
    const Name centred = call.b.add("Sub", {x, reduced(call, "ReduceMean", x, true)});
    return reduced(call, "ReduceMean", call.b.add("Mul", {centred, centred}), keeps_axes(call));
}

Names var(OperationCall& call) { return {variance(call)}; }
Names std_deviation(OperationCall& call) { return {call.b.add("Sqrt", {variance(call)})}; }

/// Whether any, or all, are true: the largest, or smallest, of 0 and 1.
template <const char* const& op_type>
Names quantifier(OperationCall& call) {
    const Name flags = cast(call.b, call.operand("x", DType::boolean), DType::int32);
    return {cast(call.b, reduced(call, op_type, flags, keeps_axes(call)), DType::boolean)};
}

/// Keras 3 takes a negative zero for less than zero: it becomes the largest number below.
Name with_ordered_zeros(OperationCall& call, const Name& x) {
    const DType dtype = ops::carried(call.a.dtype("x"));
    if (!call.a.keras3() || !is_floating(dtype)) return x;
    const Name zero = call.b.number(dtype, 0);
    const Name negative = call.b.add("Less", {call.b.add("Reciprocal", {x}), zero});
    const Name negative_zero = call.b.add("And", {call.b.add("Equal", {x, zero}), negative});
    return call.b.add("Where", {negative_zero, call.b.number(dtype, -1.1754943508222875e-38), x});
}

/// Of equal numbers the first.
template <const char* const& op_type>
Names position(OperationCall& call) {
    if (!call.a.given("axis") && call.a.keras3() && call.rank() != 1)
        fail(Code::unsupported, "the position among all elements is not written as ONNX");
    const std::int64_t given = call.a.given("axis") ? call.a.integer("axis") : 0;
    const std::int64_t keep = call.a.has("keepdims") && call.a.flag("keepdims") ? 1 : 0;
    const auto axis = static_cast<std::int64_t>(resolve_axis(given, call.rank()));
    const Name at =
        call.b.add(op_type, {with_ordered_zeros(call, call.x_itself())}, {{"axis", axis}, {"keepdims", keep}});
    return {call.dtypes[0] == DType::int64 ? at : cast(call.b, at, call.dtypes[0])};
}

constexpr OperationForm forms[] = {
    {"Sum", reduction<sum_op>},
    {"Prod", reduction<prod_op>},
    {"tf.math.reduce_prod", reduction<prod_op>},
    {"Mean", mean},
    {"tf.math.reduce_mean", mean},
    {"Max", reduction<max_op>},
    {"tf.math.reduce_max", reduction<max_op>},
    {"Min", reduction<min_op>},
    {"tf.math.reduce_min", reduction<min_op>},
    {"Amax", reduction<max_op>},
    {"Amin", reduction<min_op>},
    {"Var", var},
    {"Std", std_deviation},
    {"Logsumexp", reduction<log_sum_exp_op>},
    {"tf.math.reduce_euclidean_norm", reduction<norm_op>},
    {"Any", quantifier<max_op>},
    {"All", quantifier<min_op>},
    {"Argmax", position<arg_max_op>},
    {"tf.math.argmax", position<arg_max_op>},
    {"Argmin", position<arg_min_op>},
    {"tf.math.argmin", position<arg_min_op>},
};

}  // namespace

OperationForms reduction_forms() { return forms; }

}  // namespace layerctl::onnx
