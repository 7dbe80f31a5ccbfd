// Builder: makes the nodes and constants of an ONNX graph and names them. Internal to api.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "formats/onnx/onnx.hpp"

namespace layerctl::onnx {

/// Tensors are known by name; "" is a missing optional one.
using Name = std::string;
using Names = std::vector<Name>;
using Ints = std::vector<std::int64_t>;
using Attributes = std::vector<AttributeProto>;

class Builder {
public:
    /// What nodes and constants made from now on are named after: the path of a layer.
    void set_scope(std::string scope) { scope_ = std::move(scope); }
    const std::string& scope() const noexcept { return scope_; }

    /// A node of one output.
    Name add(const std::string& op_type, const Names& inputs, Attributes attributes = {});

    /// A node of `outputs` outputs.
    Names add_many(const std::string& op_type, const Names& inputs, std::size_t outputs, Attributes attributes = {});

    /// A stored tensor named scope/`name`; one of that name and contents is used again.
    Name constant(const std::string& name, const Tensor& tensor);

    /// Integers of dtype int64: a vector, a single number of rank 0.
    Name ints(const Ints& values);
    Name integer(std::int64_t value);

    /// A number of rank 0.
    Name number(DType dtype, double value);

    /// The nodes that `make` adds, apart from the graph; they may read everything in it.
    std::vector<NodeProto> apart(const std::function<void()>& make);

    /// A name nothing has yet: `wanted`, or that with a number.
    Name fresh(const std::string& wanted);

    std::vector<NodeProto>& nodes() noexcept { return nodes_; }
    std::vector<TensorProto>& constants() noexcept { return constants_; }

private:
    std::string scope_;
    std::vector<NodeProto> nodes_;
    std::vector<TensorProto> constants_;
    std::map<std::string, std::size_t> constant_at_;
    std::map<std::string, std::size_t> used_;  // names, and the number that was last put behind them
};

}  // namespace layerctl::onnx
