#include "engine/layers/operations/operation_node.hpp"

namespace layerctl {

void OperationNode::bind_call(const Call& call) {
    binding_.emplace(op->signature, context().dialect);
    binding_->bind(statics, named(call));
}

// A wrapper layer has no call to bind.
const ops::Binding& OperationNode::bound() const {
    if (!binding_) fail(Code::unsupported, "an operation inside another layer");
    return *binding_;
}

Shapes OperationNode::compute_output_shape(const Shapes& in) const {
    return op->shapes(ops::Arguments(bound(), &in, nullptr, nullptr));
}

DTypes OperationNode::compute_output_dtype(const DTypes& in) const {
    return op->dtype(ops::Arguments(bound(), nullptr, &in, nullptr));
}

void OperationNode::call(const Tensors& x, const Weights&, Tensors& y) const {
    Shapes shapes;
    DTypes dtypes;
    for (const Tensor& tensor : x) {
        shapes.push_back(tensor.shape());
        dtypes.push_back(tensor.dtype());
    }
    y = op->run(ops::Arguments(bound(), &shapes, &dtypes, &x));
}

/// Arguments that cannot be read are for the run to complain of.
std::optional<Request> OperationNode::lower(const Shapes& in, const Weights&) const {
    if (op->lower == nullptr || in.empty()) return {};
    const DTypes dtypes(in.size(), DType::float32);
    try {
        return op->lower(ops::Arguments(bound(), &in, &dtypes, nullptr));
    } catch (const Error&) {
        return {};
    }
}

}  // namespace layerctl
