#include "formats/onnx/onnx.hpp"

#include <protozero/pbf_writer.hpp>

#include "models/error.hpp"

namespace layerctl::onnx {
namespace {

using protozero::pbf_writer;

// Field numbers of onnx.proto3, version 8 of the IR.
namespace tag {
enum model { ir_version = 1, producer_name = 2, graph = 7, opset_import = 8 };
enum operator_set { domain = 1, version = 2 };
enum graph_proto { node = 1, graph_name = 2, initializer = 5, input = 11, output = 12 };
enum node_proto { node_input = 1, node_output = 2, node_name = 3, op_type = 4, attribute = 5 };
enum attribute_proto { name = 1, f = 2, i = 3, s = 4, g = 6, floats = 7, ints = 8, strings = 9, type = 20 };
enum tensor_proto { dims = 1, tensor_data_type = 2, string_data = 6, tensor_name = 8, raw_data = 9 };
enum value_info { value_name = 1, value_type = 2, tensor_type = 1, elem_type = 1, shape = 2, dim = 1 };
enum dimension { dim_value = 1, dim_param = 2 };
}  // namespace tag

enum AttributeType {
    float_type = 1,
    int_type = 2,
    string_type = 3,
    graph_type = 5,
    floats_type = 6,
    ints_type = 7,
    strings_type = 8
};

constexpr std::size_t largest_message = (std::size_t{1} << 31) - 1;

void write_graph(pbf_writer out, const GraphProto& graph);

/// Writes the value of an attribute and tells which field it is in.
struct AttributeWriter {
    pbf_writer& out;

    AttributeType operator()(std::int64_t value) const {
        out.add_int64(tag::i, value);
        return int_type;
    }
    AttributeType operator()(float value) const {
        out.add_float(tag::f, value);
        return float_type;
    }
    AttributeType operator()(const std::string& value) const {
        out.add_bytes(tag::s, value);
        return string_type;
    }
    AttributeType operator()(const AttributeProto::Integers& values) const {
        for (const std::int64_t value : values) out.add_int64(tag::ints, value);
        return ints_type;
    }
    AttributeType operator()(const AttributeProto::Floats& values) const {
        for (const float value : values) out.add_float(tag::floats, value);
        return floats_type;
    }
    AttributeType operator()(const AttributeProto::Strings& values) const {
        for (const std::string& value : values) out.add_bytes(tag::strings, value);
        return strings_type;
    }
    AttributeType operator()(const AttributeProto::Graph& graph) const {
        write_graph({out, tag::g}, *graph);
        return graph_type;
    }
};

void write_node(pbf_writer out, const NodeProto& node) {
    for (const std::string& input : node.inputs) out.add_string(tag::node_input, input);
    for (const std::string& output : node.outputs) out.add_string(tag::node_output, output);
    out.add_string(tag::node_name, node.name);
    out.add_string(tag::op_type, node.op_type);
    for (const AttributeProto& attribute : node.attributes) {
        pbf_writer written(out, tag::attribute);
        written.add_string(tag::name, attribute.name);
        written.add_int32(tag::type, std::visit(AttributeWriter{written}, attribute.value));
    }
}

void write_tensor(pbf_writer out, const TensorProto& tensor) {
    const Tensor& values = tensor.tensor;
    for (const std::int64_t dim : values.shape()) out.add_int64(tag::dims, dim);
    out.add_int32(tag::tensor_data_type, data_type(values.dtype()));
    out.add_string(tag::tensor_name, tensor.name);
    if (values.dtype() == DType::string) {
        for (const std::string& text : values.string_values()) out.add_bytes(tag::string_data, text);
        return;
    }
    if (values.byte_size() > largest_message)
        fail(Code::unsupported, "tensor '", tensor.name, "': an ONNX file holds less than 2 GiB");
    out.add_bytes(tag::raw_data, reinterpret_cast<const char*>(values.data()), values.byte_size());
}

void write_value(pbf_writer out, const ValueInfoProto& value) {
    out.add_string(tag::value_name, value.name);
    pbf_writer type(out, tag::value_type);
    pbf_writer tensor(type, tag::tensor_type);
    tensor.add_int32(tag::elem_type, data_type(value.dtype));
    if (value.dims.empty()) tensor.add_message(tag::shape, std::string());  // an empty pbf_writer leaves nothing behind
    pbf_writer shape(tensor, tag::shape);
    for (const Dimension& dimension : value.dims) {
        pbf_writer dim(shape, tag::dim);
        if (const std::string* symbol = std::get_if<std::string>(&dimension)) dim.add_string(tag::dim_param, *symbol);
        else dim.add_int64(tag::dim_value, std::get<std::int64_t>(dimension));
    }
}

void write_graph(pbf_writer out, const GraphProto& graph) {
    for (const NodeProto& node : graph.nodes) write_node({out, tag::node}, node);
    out.add_string(tag::graph_name, graph.name);
    for (const TensorProto& tensor : graph.initializers) write_tensor({out, tag::initializer}, tensor);
    for (const ValueInfoProto& input : graph.inputs) write_value({out, tag::input}, input);
    for (const ValueInfoProto& output : graph.outputs) write_value({out, tag::output}, output);
}

std::size_t tensor_bytes(const GraphProto& graph) {
    std::size_t bytes = 0;
    for (const TensorProto& tensor : graph.initializers) bytes += tensor.tensor.byte_size();
    return bytes;
}

struct TypeCode {
    DType dtype;
    std::int32_t code;
};
constexpr TypeCode type_codes[] = {
    {DType::float32, 1},  {DType::uint8, 2},   {DType::int8, 3},    {DType::uint16, 4},    {DType::int16, 5},
    {DType::int32, 6},    {DType::int64, 7},   {DType::string, 8},  {DType::boolean, 9},   {DType::float16, 10},
    {DType::float64, 11}, {DType::uint32, 12}, {DType::uint64, 13}, {DType::bfloat16, 16},
};

}  // namespace

std::int32_t data_type(DType dtype) {
    for (const TypeCode& row : type_codes)
        if (row.dtype == dtype) return row.code;
    fail(Code::internal, "ONNX has no ", dtype);
}

std::string write_onnx(const GraphProto& graph) {
    const std::size_t stored = tensor_bytes(graph);
    const auto require_small = [](std::size_t bytes) {
        if (bytes > largest_message)
            fail(Code::unsupported, "an ONNX file holds less than 2 GiB, the model has ", bytes, " bytes");
    };
    require_small(stored);
    std::string bytes;
    bytes.reserve(stored + (std::size_t{1} << 16));
    pbf_writer out(bytes);
    out.add_int64(tag::ir_version, ir_version);
    out.add_string(tag::producer_name, "layerctl");
    write_graph({out, tag::graph}, graph);
    {
        pbf_writer operators(out, tag::opset_import);
        operators.add_string(tag::domain, "");
        operators.add_int64(tag::version, opset);
    }
    require_small(bytes.size());
    return bytes;
}

}  // namespace layerctl::onnx
