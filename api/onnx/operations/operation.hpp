// Nodes of operations (TFOpLambda, keras.ops, TensorFlowOpLayer) on their way into an ONNX graph. Internal to api.
#pragma once

#include <span>

#include "api/onnx/builder.hpp"
#include "engine/layers/operations/operation_node.hpp"

namespace layerctl::onnx {

/// One call of an operation. Half precisions travel as float32.
struct OperationCall {
    Builder& b;
    const ops::Op& op;
    const ops::Arguments& a;
    const Names& x;  // the tensors of the call
    Shapes out;
    DTypes dtypes;  // of the outputs

    /// A tensor or a constant in that dtype.
    Name operand(const ops::Operand& operand, DType dtype) const;
    Name operand(std::string_view name, DType dtype) const { return operand(a.operand(name), dtype); }

    /// The argument "x" in the dtype of the output.
    Name x_as_output() const { return operand("x", dtypes[0]); }

    /// The same in its own dtype.
    Name x_itself() const { return operand("x", ops::carried(a.dtype("x"))); }
    std::size_t rank() const { return a.shape("x").rank(); }
};

/// How an operation becomes nodes. `name`: a class of Keras 3, or "tf." and a function.
struct OperationForm {
    std::string_view name;
    Names (*emit)(OperationCall&);
};
using OperationForms = std::span<const OperationForm>;

/// The argument "axis" counted from 0; all axes if it is not given.
Ints axes_of(const OperationCall& call);

/// For what ONNX computes on numbers only, and on floats only.
void require_numbers(const OperationCall& call);
void require_float(const OperationCall& call);

/// The outputs of the operation; Code::unsupported if it has no ONNX form.
Names emit_operation(OperationCall& call);

/// Names of the operations that have one, sorted: "Matmul", "tf.linalg.matmul".
std::vector<std::string> expressible_operations();

// The tables of the families.
OperationForms elementwise_forms();
OperationForms product_forms();
OperationForms reduction_forms();
OperationForms shaping_forms();
OperationForms window_forms();

}  // namespace layerctl::onnx
