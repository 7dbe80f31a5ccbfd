// Matrix products and einsum.
#include "api/onnx/operations/operation.hpp"
#include "api/onnx/steps.hpp"

namespace layerctl::onnx {
namespace {

Name matrices(OperationCall& call, const char* name, const char* transposes, const char* adjoint) {
    const Name x = call.operand(name, call.dtypes[0]);
    const bool turned =
        (call.a.has(transposes) && call.a.flag(transposes)) || (call.a.has(adjoint) && call.a.flag(adjoint));
    return turned ? matrices_transposed(call.b, x, call.a.shape(name).rank()) : x;
}

Names matmul(OperationCall& call) {
    return {call.b.add(
        "MatMul", {matrices(call, "x", "transpose_a", "adjoint_a"), matrices(call, "y", "transpose_b", "adjoint_b")})};
}

/// numpy's dot: the last axis of x with the last but one of y.
Names dot(OperationCall& call) {
    if (call.a.shape("x").rank() == 0 || call.a.shape("y").rank() == 0)
        fail(Code::unsupported, "a product with a single number is not written as ONNX");
    if (call.a.shape("y").rank() > 2)
        fail(Code::unsupported, "a dot product of more than matrices is not written as ONNX");
    return matmul(call);
}

Names bias_add(OperationCall& call) {
    if (call.a.given("data_format") && call.a.text("data_format").starts_with("NC") && call.rank() > 2)
        fail(Code::unsupported, "a bias of channels before other axes is not written as ONNX");
    return {call.b.add("Add", {call.x_as_output(), call.operand("y", call.dtypes[0])})};
}

Names einsum_of_list(OperationCall& call) {
    Names operands;
    for (const ops::Operand* operand : call.a.list("operands"))
        operands.push_back(call.operand(*operand, call.dtypes[0]));
    return {einsum(call.b, call.a.text("subscripts"), operands)};
}

constexpr OperationForm forms[] = {
    {"tf.linalg.matmul", matmul}, {"Matmul", matmul},           {"Dot", dot},
    {"Einsum", einsum_of_list},   {"tf.nn.bias_add", bias_add},
};

}  // namespace

OperationForms product_forms() { return forms; }

}  // namespace layerctl::onnx
