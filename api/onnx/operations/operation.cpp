#include "api/onnx/operations/operation.hpp"

#include <algorithm>

#include "api/onnx/steps.hpp"

namespace layerctl::onnx {
namespace {

constexpr OperationForms (*families[])() = {elementwise_forms, product_forms, reduction_forms, shaping_forms,
                                            window_forms};

std::vector<std::string> names_of(const ops::Op& op) {
    std::vector<std::string> names(op.keras3.begin(), op.keras3.end());
    for (const std::string_view function : op.tf) names.push_back("tf." + std::string(function));
    return names;
}

const OperationForm* find_operation(const ops::Op& op) {
    const std::vector<std::string> names = names_of(op);
    for (const auto family : families)
        for (const OperationForm& form : family())
            if (std::find(names.begin(), names.end(), form.name) != names.end()) return &form;
    return nullptr;
}

}  // namespace

Name OperationCall::operand(const ops::Operand& operand, DType dtype) const {
    if (operand.kind == ops::Operand::Kind::constant) return b.constant("constant", a.tensor(operand, dtype));
    if (operand.kind != ops::Operand::Kind::tensor) fail(Code::unsupported, "a list in place of a tensor");
    const DType own = ops::carried(*a.own_dtype(operand));
    return own == dtype ? x[operand.input] : cast(b, x[operand.input], dtype);
}

Ints axes_of(const OperationCall& call) {
    return call.a.given("axis") ? resolved(call.a.integers("axis"), call.rank()) : counted(0, call.rank());
}

void require_numbers(const OperationCall& call) {
    if (call.dtypes[0] == DType::boolean) fail(Code::unsupported, "on booleans it is not written as ONNX");
}

void require_float(const OperationCall& call) {
    if (!is_floating(call.dtypes[0])) fail(Code::unsupported, "on ", call.dtypes[0], " it is not written as ONNX");
}

Names emit_operation(OperationCall& call) {
    const OperationForm* form = find_operation(call.op);
    if (form == nullptr) fail(Code::unsupported, "operation '", names_of(call.op).front(), "' is not written as ONNX");
    for (const DType dtype : call.dtypes)
        if (dtype == DType::string) fail(Code::unsupported, "operations on strings are not written as ONNX");
    return form->emit(call);
}

std::vector<std::string> expressible_operations() {
    std::vector<std::string> names;
    const auto add = [&](const ops::Op* op, const std::string& name) {
        if (find_operation(*op) != nullptr) names.push_back(name);
    };
    for (const std::string& name : ops::keras3_op_names()) add(ops::find_keras3_op(name), name);
    for (const std::string& name : ops::tf_op_names()) add(ops::find_tf_op(name), "tf." + name);
    return names;
}

}  // namespace layerctl::onnx
