// Models as ONNX, parsed back: nodes, names, shapes and the operator set. scripts/interop-onnx runs them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <protozero/pbf_reader.hpp>

#include "api/layerctl.hpp"
#include "tests/errors.hpp"

using namespace layerctl;

namespace {

struct ParsedNode {
    std::string op_type;
    std::vector<std::string> inputs, outputs;
    std::map<std::string, std::vector<std::int64_t>> ints;
};

struct Parsed {
    std::int64_t ir_version = 0, opset = 0;
    std::vector<ParsedNode> nodes;
    std::vector<std::string> initializers;
    std::vector<std::pair<std::string, std::string>> inputs, outputs;  // name, "float32(batch, 3)" as code and dims

    std::vector<std::string> op_types() const {
        std::vector<std::string> types;
        for (const ParsedNode& node : nodes) types.push_back(node.op_type);
        return types;
    }
    const ParsedNode& only(const std::string& op_type) const {
        const auto found =
            std::find_if(nodes.begin(), nodes.end(), [&](const auto& n) { return n.op_type == op_type; });
        REQUIRE(found != nodes.end());
        return *found;
    }
};

std::string dims_text(protozero::pbf_reader shape) {
    std::string text;
    while (shape.next(1)) {
        protozero::pbf_reader dim = shape.get_message();
        while (dim.next())
            text += (text.empty() ? "" : ",") + (dim.tag() == 1 ? std::to_string(dim.get_int64()) : dim.get_string());
    }
    return text;
}

std::pair<std::string, std::string> parsed_value(protozero::pbf_reader value) {
    std::pair<std::string, std::string> out;
    while (value.next()) {
        if (value.tag() == 1) out.first = value.get_string();
        else {
            protozero::pbf_reader type = value.get_message();
            REQUIRE(type.next(1));
            protozero::pbf_reader tensor = type.get_message();
            while (tensor.next())
                out.second +=
                    tensor.tag() == 1 ? std::to_string(tensor.get_int32()) + ":" : dims_text(tensor.get_message());
        }
    }
    return out;
}

ParsedNode parsed_node(protozero::pbf_reader node) {
    ParsedNode out;
    while (node.next()) {
        if (node.tag() == 1) out.inputs.push_back(node.get_string());
        else if (node.tag() == 2) out.outputs.push_back(node.get_string());
        else if (node.tag() == 4) out.op_type = node.get_string();
        else if (node.tag() == 5) {
            protozero::pbf_reader attribute = node.get_message();
            std::string name;
            while (attribute.next()) {
                if (attribute.tag() == 1) name = attribute.get_string();
                else if (attribute.tag() == 3 || attribute.tag() == 8) out.ints[name].push_back(attribute.get_int64());
                else attribute.skip();
            }
        } else node.skip();
    }
    return out;
}

std::string initializer_name(protozero::pbf_reader tensor) { return tensor.next(8) ? tensor.get_string() : ""; }

void parse_graph(protozero::pbf_reader graph, Parsed& out) {
    while (graph.next()) {
        if (graph.tag() == 1) out.nodes.push_back(parsed_node(graph.get_message()));
        else if (graph.tag() == 5) out.initializers.push_back(initializer_name(graph.get_message()));
        else if (graph.tag() == 11) out.inputs.push_back(parsed_value(graph.get_message()));
        else if (graph.tag() == 12) out.outputs.push_back(parsed_value(graph.get_message()));
        else graph.skip();
    }
}

Parsed parsed(const std::string& bytes) {
    Parsed out;
    protozero::pbf_reader model(bytes);
    while (model.next()) {
        if (model.tag() == 1) out.ir_version = model.get_int64();
        else if (model.tag() == 7) parse_graph(model.get_message(), out);
        else if (model.tag() == 8) {
            protozero::pbf_reader operators = model.get_message();
            while (operators.next()) {
                if (operators.tag() == 2) out.opset = operators.get_int64();
                else operators.skip();
            }
        } else model.skip();
    }
    return out;
}

Parsed as_onnx(const Model& model) { return parsed(model.save_bytes(FileKind::onnx)); }

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a stack of layers becomes nodes with Keras' names and shapes") {
    Sequential net("mlp");
    net.input({3}).add("Dense", {{"units", 4}, {"activation", "relu"}, {"name", "hidden"}});
    net.add("Dropout", {{"rate", 0.5}}).add("Dense", {{"units", 2}, {"activation", "softmax"}, {"name", "out"}});
    const Parsed onnx = as_onnx(net.build());
    CHECK(onnx.ir_version == 8);
    CHECK(onnx.opset == 17);
    CHECK(onnx.op_types() == Texts{"MatMul", "Add", "Relu", "MatMul", "Add", "Softmax"});
    CHECK(onnx.initializers == Texts{"hidden/kernel", "hidden/bias", "out/kernel", "out/bias"});
    REQUIRE(onnx.inputs.size() == 1);
    CHECK(onnx.inputs[0].second == "1:batch,3");
    REQUIRE(onnx.outputs.size() == 1);
    CHECK(onnx.outputs[0] == std::pair<std::string, std::string>{"out", "1:batch,2"});
    CHECK(onnx.nodes.back().outputs == Texts{"out"});
}

TEST_CASE("images stay channels first between convolutions") {
    Sequential net;
    net.input({9, 9, 3}).add("ZeroPadding2D", {{"padding", 1}});
    net.add("Conv2D", {{"filters", 4}, {"kernel_size", 3}, {"strides", 2}, {"padding", "same"}});
    net.add("BatchNormalization").add("ReLU", {{"max_value", 6.0}}).add("MaxPooling2D").add("GlobalAveragePooling2D");
    const Parsed onnx = as_onnx(net.build());
    const Texts types = onnx.op_types();
    CHECK(std::count(types.begin(), types.end(), "Transpose") == 1);
    CHECK(onnx.only("Conv").ints.at("pads") == std::vector<std::int64_t>{1, 1, 1, 1});
    CHECK(onnx.only("Conv").ints.at("kernel_shape") == std::vector<std::int64_t>{3, 3});
    CHECK(onnx.only("ReduceMean").ints.at("axes") == std::vector<std::int64_t>{2, 3});
}

TEST_CASE("the odd zero of `same` is behind, and unknown sizes leave it to SAME_UPPER") {
    const auto net = [](const Shape& shape) {
        Sequential stack;
        stack.input(shape).add("Conv2D", {{"filters", 1}, {"kernel_size", 2}, {"strides", 2}, {"padding", "same"}});
        return as_onnx(stack.build()).only("Conv").ints;
    };
    CHECK(net({5, 4, 1}).at("pads") == std::vector<std::int64_t>{0, 0, 1, 0});
    CHECK(net({-1, -1, 1}).count("pads") == 0);
}

TEST_CASE("a shared layer's weights are stored once, and an input may be an output") {
    Functional net;
    const auto a = net.input({3}, DType::float32, "a"), b = net.input({3}, DType::float32, "b");
    const auto layer = net.layer("Dense", {{"units", 2}, {"name", "shared"}});
    const Model model = net.build({a, b}, {net.call(layer, {a}), net.call(layer, {b}), a});
    const Parsed onnx = as_onnx(model);
    CHECK(onnx.initializers == Texts{"shared/kernel", "shared/bias"});
    REQUIRE(onnx.outputs.size() == 3);
    CHECK(onnx.outputs[0].first != onnx.outputs[1].first);
    CHECK(onnx.op_types().back() == "Identity");
}

TEST_CASE("a layer that casts its input sees no mask, and a mask that a layer inside would heed is refused") {
    const auto mean = [](const char* dtype) {
        Sequential net;
        net.input({4, 3}).add("Masking").add("GlobalAveragePooling1D", {{"dtype", dtype}});
        return as_onnx(net.build()).op_types();
    };
    const auto count = [](const Texts& types, const char* type) { return std::ranges::count(types, type); };
    CHECK(count(mean("float32"), "ReduceMean") == 0);
    CHECK(count(mean("float64"), "ReduceMean") == 1);

    Sequential net;
    const Value softmax = Value::object(
        {{"module", "keras.layers"}, {"class_name", "Softmax"}, {"config", Value::object({{"name", "s"}})}});
    net.input({4, 3}).add("Masking").add("TimeDistributed", {{"layer", softmax}, {"name", "t"}});
    CHECK(test::message_of([&] { net.build().save_bytes(FileKind::onnx); }) ==
          "layer 't' (TimeDistributed): a mask reaches it, which is not written as ONNX");
}

TEST_CASE("every problem of a model is reported at once, by layer") {
    Sequential net;
    net.input({4, 3}).add("LSTM", {{"units", 2}, {"stateful", true}, {"return_sequences", true}, {"name", "kept"}});
    net.add("LocallyConnected1D", {{"filters", 2}, {"kernel_size", 1}, {"name", "local"}});
    const Model model = net.build();
    const auto error = test::error_of([&] { model.save_bytes(FileKind::onnx); });
    REQUIRE(error);
    CHECK(error->code() == Code::unsupported);
    REQUIRE(error->problems().size() == 2);
    CHECK(std::string(error->what()) ==
          "layer 'kept' (LSTM): state between calls is not written as ONNX\n"
          "layer 'local' (LocallyConnected1D): a layer of this class is not written as ONNX");
}
