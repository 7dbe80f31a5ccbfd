// TensorFlowOpLayer: one operation of a TensorFlow graph, as tf.keras 2.0 to 2.3 records calls on symbolic tensors.
#include <algorithm>

#include "engine/layers/operations/operation_node.hpp"
#include "engine/ops/table/node_ops.hpp"
#include "models/node_def.hpp"
#include "models/suggest.hpp"

namespace layerctl {
namespace {

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        result.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return result;
}

void append_tensors(const Argument& argument, std::vector<Argument>& tensors) {
    if (argument.kind == Argument::Kind::tensor) tensors.push_back(argument);
    for (const Argument& item : argument.items) append_tensors(item, tensors);
}

/// begin, end and strides with their five masks as a key of Python's indexing.
class StridedSlice {
public:
    explicit StridedSlice(const NodeDef& node) : node_(node) {}

    Value key(const Argument& begin, const Argument& end, const Argument& strides) const {
        const auto starts = numbers(begin), stops = numbers(end), steps = numbers(strides);
        if (starts.size() != stops.size() || starts.size() != steps.size() || starts.size() > 32)
            fail(Code::config, "wanted as many strides as begins and ends, found ", steps.size(), ", ", starts.size(),
                 " and ", stops.size());
        Value::Array items;
        for (std::size_t i = 0; i < starts.size(); ++i) items.push_back(item(i, starts[i], stops[i], steps[i]));
        return items;
    }

private:
    Value item(std::size_t i, std::int64_t start, std::int64_t stop, std::int64_t step) const {
        if (masked("ellipsis_mask", i)) return Value::object({{"class_name", "__ellipsis__"}});
        if (masked("new_axis_mask", i)) return {};
        if (masked("shrink_axis_mask", i)) return start;
        return Value::object({{"start", masked("begin_mask", i) ? Value() : Value(start)},
                              {"stop", masked("end_mask", i) ? Value() : Value(stop)},
                              {"step", step}});
    }

    bool masked(std::string_view name, std::size_t i) const {
        for (const auto& [attribute, value] : node_.attributes)
            if (attribute == name && value.integer() != nullptr) return (*value.integer() >> i & 1) != 0;
        return false;
    }

    static std::vector<std::int64_t> numbers(const Argument& argument) {
        std::vector<std::int64_t> result;
        if (argument.kind != Argument::Kind::constant || argument.constant.array() == nullptr)
            fail(Code::unsupported, "only constants are supported as the bounds of a StridedSlice");
        for (const Value& value : *argument.constant.array()) {
            if (value.integer() == nullptr) fail(Code::config, "wanted integers, found ", excerpt(argument.constant));
            result.push_back(*value.integer());
        }
        return result;
    }

    const NodeDef& node_;
};

class TensorFlowOpLayer final : public OperationNode {
    Value node_def;
    Value constants = Value::Object{};
    NodeDef node;
    const ops::NodeOp* type = nullptr;

    void config(ConfigIo& io) override {
        io.required("node_def", node_def);
        io.optional("constants", constants);
        node = parse_node_def(node_def);
        type = ops::find_node_op(node.op);
        if (type == nullptr)
            fail(Code::unsupported, "TensorFlow operation '", node.op, "' is not supported",
                 did_you_mean(node.op, ops::node_op_types()));
        op = ops::find_tf_op(type->entry);
        if (op == nullptr) op = ops::find_keras3_op(type->entry);
        if (op == nullptr) fail(Code::unsupported, "TensorFlow operation '", node.op, "' is not supported");
        statics.clear();
        for (const auto& [name, value] : node.attributes) take_attribute(name, value);
    }

    // Dtypes that are not asked for follow from the tensors; false and empty are the defaults of everything else.
    void take_attribute(const std::string& name, const Value& value) {
        for (const std::string& word : words(type->attributes)) {
            if (word == "~" + name) return;
            const std::size_t equals = word.find('=');
            if (word.substr(0, equals) != name) continue;
            if (!is_slice()) statics.emplace_back(equals == std::string::npos ? name : word.substr(equals + 1), value);
            return;
        }
        const bool empty = value == Value(false) || (value.array() != nullptr && value.array()->empty()) ||
                           (value.string() != nullptr && (value.string()->empty() || parse_dtype(*value.string())));
        if (!name.starts_with('_') && !empty)
            fail(Code::unsupported, "attribute '", name, "' of '", node.op, "' might change the result, found ",
                 excerpt(value));
    }

    bool is_slice() const { return type->type == "StridedSlice"; }

    /// The inputs in the order of the operation: constants at the places their keys name, tensors at the others.
    std::vector<Argument> inputs(const Call& call) const {
        std::vector<Argument> result;
        for (const Argument& argument : call.args) append_tensors(argument, result);
        if (constants.object() == nullptr && !constants.is_null())
            fail(Code::config, "'constants': wanted an object, found ", excerpt(constants));
        if (constants.is_null()) return result;
        for (const auto& [key, value] : *constants.object()) {
            if (key.empty() || key.size() > 6 || key.find_first_not_of("0123456789") != std::string::npos)
                fail(Code::config, "'constants': wanted indices of inputs, found '", key, "'");
            Argument constant;
            constant.constant = value;
            const std::size_t at = std::min(static_cast<std::size_t>(std::stoul(key)), result.size());
            result.insert(result.begin() + static_cast<std::ptrdiff_t>(at), std::move(constant));
        }
        return result;
    }

    Call named(const Call& call) const override {
        std::vector<Argument> given = inputs(call);
        const std::vector<std::string> names = words(type->inputs);
        const bool many = names.front()[0] == '*';
        if (many ? given.size() < names.size() : given.size() != names.size())
            fail(Code::config, "wanted ", names.size(), " inputs of '", node.op, "', found ", given.size());
        Call result;
        if (is_slice()) {
            Argument key;
            key.constant = StridedSlice(node).key(given[1], given[2], given[3]);
            result.kwargs = {{"x", given[0]}, {"key", key}};
            return result;
        }
        std::size_t next = 0;
        for (const std::string& name : names) {
            if (name[0] != '*') {
                result.kwargs.emplace_back(name, given[next++]);
                continue;
            }
            Argument list;
            list.kind = Argument::Kind::list;
            while (next + names.size() - 1 < given.size()) list.items.push_back(given[next++]);
            result.kwargs.emplace_back(name.substr(1), std::move(list));
        }
        return result;
    }
};

LAYERCTL_REGISTER_LAYER(TensorFlowOpLayer);

}  // namespace
}  // namespace layerctl
