// An ONNX model as plain data, under the names of onnx.proto3, and the bytes of its file: IR version 8, operator
// set 17.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "models/tensor.hpp"

namespace layerctl::onnx {

struct GraphProto;

struct AttributeProto {
    using Integers = std::vector<std::int64_t>;
    using Floats = std::vector<float>;
    using Strings = std::vector<std::string>;
    using Graph = std::shared_ptr<const GraphProto>;  // what Scan repeats

    std::string name;
    std::variant<std::int64_t, float, std::string, Integers, Floats, Strings, Graph> value;
};

/// One operator call. Tensors are known by name; "" is a missing optional one.
struct NodeProto {
    std::string op_type;
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    std::vector<AttributeProto> attributes;
    std::string name;
};

/// A stored tensor (`initializer`).
struct TensorProto {
    std::string name;
    Tensor tensor;
};

/// A size, or a symbol for one that is known at run time only.
using Dimension = std::variant<std::int64_t, std::string>;

/// Name, dtype and shape of an input or output.
struct ValueInfoProto {
    std::string name;
    DType dtype = DType::float32;
    std::vector<Dimension> dims;
};

struct GraphProto {
    std::string name;
    std::vector<NodeProto> nodes;  // each after those it reads from
    std::vector<TensorProto> initializers;
    std::vector<ValueInfoProto> inputs;
    std::vector<ValueInfoProto> outputs;
};

inline constexpr std::int64_t ir_version = 8;
inline constexpr std::int64_t opset = 17;

/// The code of a dtype in TensorProto.DataType.
std::int32_t data_type(DType dtype);

/// The file's bytes. More than protocol buffers hold, 2 GiB, is Code::unsupported.
std::string write_onnx(const GraphProto& graph);

}  // namespace layerctl::onnx
