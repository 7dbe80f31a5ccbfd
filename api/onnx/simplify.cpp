#include "api/onnx/simplify.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "api/onnx/steps.hpp"

namespace layerctl::onnx {
namespace {

using ops::Permutation;

template <class T>
T* attribute(NodeProto& node, std::string_view name) {
    for (AttributeProto& a : node.attributes)
        if (a.name == name) return std::get_if<T>(&a.value);
    return nullptr;
}

Permutation permutation_of(NodeProto& node) {
    const Ints& perm = *attribute<Ints>(node, "perm");
    return {perm.begin(), perm.end()};
}

/// The transpose by `first`, then by `second`, as one.
Permutation composed(const Permutation& first, const Permutation& second) {
    Permutation both;
    for (const std::size_t axis : second) both.push_back(first[axis]);
    return both;
}

bool is_identity(const Permutation& order) { return std::is_sorted(order.begin(), order.end()); }

constexpr std::string_view elementwise[] = {
    "Abs",    "Add",         "Cast",     "Clip",     "Div",  "Elu", "Equal", "Erf",   "Exp",   "Greater", "LeakyRelu",
    "Less",   "LessOrEqual", "Log",      "Max",      "Min",  "Mul", "Neg",   "Not",   "Pow",   "Relu",    "Selu",
    "Shrink", "Sigmoid",     "Softplus", "Softsign", "Sqrt", "Sub", "Tanh",  "Where", "PRelu",
};

class Simplifier {
public:
    explicit Simplifier(GraphProto& graph) : graph_(graph) {
        for (const ValueInfoProto& output : graph_.outputs) pinned_.insert(output.name);
        for (const NodeProto& node : graph_.nodes) pin_what_bodies_read(node);
        for (std::size_t i = 0; i < graph_.initializers.size(); ++i) constant_at_[graph_.initializers[i].name] = i;
    }

    void run() {
        name_outputs_at_their_source();
        bool changed = true;
        while (changed) changed = cancel_transposes() | move_transposes_down();
        drop_unread();
    }

private:
    void pin_what_bodies_read(const NodeProto& node) {
        for (const AttributeProto& a : node.attributes)
            if (const auto* body = std::get_if<AttributeProto::Graph>(&a.value))
                for (const NodeProto& inner : (*body)->nodes) {
                    pinned_.insert(inner.inputs.begin(), inner.inputs.end());
                    pin_what_bodies_read(inner);
                }
    }

    /// Instead of an Identity that renames what a node makes.
    void name_outputs_at_their_source() {
        std::map<std::string, std::string> renamed;
        std::set<std::string> made;
        for (const NodeProto& node : graph_.nodes)
            if (node.op_type != "Identity") made.insert(node.outputs.begin(), node.outputs.end());
        std::erase_if(graph_.nodes, [&](const NodeProto& node) {
            const std::string& from = node.op_type == "Identity" ? node.inputs[0] : "";
            if (!made.contains(from) || pinned_.contains(from) || renamed.contains(from)) return false;
            renamed[from] = node.outputs[0];
            return true;
        });
        rename(renamed, true);
    }

    void rename(const std::map<std::string, std::string>& names, bool outputs) {
        const auto apply = [&](std::string& name) {
            for (auto at = names.find(name); at != names.end(); at = names.find(name)) name = at->second;
        };
        for (NodeProto& node : graph_.nodes) {
            std::for_each(node.inputs.begin(), node.inputs.end(), apply);
            if (outputs) std::for_each(node.outputs.begin(), node.outputs.end(), apply);
        }
    }

    /// The nodes that make each tensor.
    std::map<std::string, std::size_t> makers() const {
        std::map<std::string, std::size_t> at;
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
            for (const std::string& output : graph_.nodes[i].outputs) at[output] = i;
        return at;
    }

    NodeProto* transpose_making(const std::map<std::string, std::size_t>& makers, const std::string& name) {
        const auto at = makers.find(name);
        if (at == makers.end() || graph_.nodes[at->second].op_type != "Transpose") return nullptr;
        return &graph_.nodes[at->second];
    }

    bool cancel_transposes() {
        bool changed = false;
        std::map<std::string, std::string> replaced;
        const auto by_name = makers();
        for (NodeProto& node : graph_.nodes) {
            NodeProto* const before = node.op_type == "Transpose" ? transpose_making(by_name, node.inputs[0]) : nullptr;
            if (before == nullptr) continue;
            const Permutation both = composed(permutation_of(*before), permutation_of(node));
            if (is_identity(both)) {
                if (pinned_.contains(node.outputs[0])) continue;
                changed = replaced.emplace(node.outputs[0], before->inputs[0]).second || changed;
                continue;
            }
            node.inputs[0] = before->inputs[0];
            *attribute<Ints>(node, "perm") = to_ints(both);
            changed = true;
        }
        rename(replaced, false);
        if (!replaced.empty()) drop_unread();
        return changed;
    }

    bool move_transposes_down() {
        bool changed = false;
        std::vector<NodeProto> nodes;
        const auto by_name = makers();
        for (NodeProto node : graph_.nodes) {
            const std::optional<Permutation> order = common_order(by_name, node);
            std::optional<Permutation> after = order ? moved(node, *order) : std::nullopt;
            if (!after) {
                nodes.push_back(std::move(node));
                continue;
            }
            changed = true;
            for (std::string& input : node.inputs)
                if (NodeProto* t = transpose_making(by_name, input)) input = t->inputs[0];
            const std::string output = node.outputs[0];
            if (is_identity(*after)) {
                nodes.push_back(std::move(node));
                continue;
            }
            node.outputs[0] = output + ":t" + std::to_string(++moved_);
            NodeProto transpose{
                "Transpose", {node.outputs[0]}, {output}, {{"perm", to_ints(*after)}}, node.name + "/Transpose"};
            nodes.push_back(std::move(node));
            nodes.push_back(std::move(transpose));
        }
        graph_.nodes = std::move(nodes);
        return changed;
    }

    /// The one order in which all inputs that are not constants were transposed.
    std::optional<Permutation> common_order(const std::map<std::string, std::size_t>& by_name, const NodeProto& node) {
        std::optional<Permutation> order;
        for (const std::string& input : node.inputs) {
            if (input.empty() || constant_at_.contains(input)) continue;
            NodeProto* const before = transpose_making(by_name, input);
            if (before == nullptr || (order && *order != permutation_of(*before))) return std::nullopt;
            order = permutation_of(*before);
        }
        return order;
    }

    /// Makes the node fit for inputs before their transposition; the order of its output then, nothing if it cannot be.
    std::optional<Permutation> moved(NodeProto& node, const Permutation& order) {
        if (std::find(std::begin(elementwise), std::end(elementwise), node.op_type) != std::end(elementwise))
            return moved_elementwise(node, order);
        if (node.op_type == "Pad") return moved_pad(node, order);
        if (node.op_type == "Concat") return moved_concat(node, order);
        if (node.op_type == "ReduceMean" || node.op_type == "ReduceMax") return moved_reduction(node, order);
        return std::nullopt;
    }

    std::optional<Permutation> moved_elementwise(NodeProto& node, const Permutation& order) {
        std::vector<std::pair<std::string*, Tensor>> turned;
        for (std::string& input : node.inputs) {
            const auto at = constant_at_.find(input);
            if (at == constant_at_.end()) continue;
            const Tensor& constant = graph_.initializers[at->second].tensor;
            if (constant.shape().rank() == 0) continue;
            if (constant.shape().rank() > order.size()) return std::nullopt;
            std::vector<std::int64_t> dims = constant.shape().dims();
            dims.insert(dims.begin(), order.size() - dims.size(), 1);
            turned.emplace_back(&input, ops::transpose(constant.reshaped(Shape(dims)), ops::inverse(order)));
        }
        for (auto& [input, constant] : turned) *input = add_constant(*input, std::move(constant));
        return order;
    }

    std::string add_constant(const std::string& origin, Tensor tensor) {
        std::string name = origin + ":t" + std::to_string(++moved_);
        constant_at_[name] = graph_.initializers.size();
        graph_.initializers.push_back({name, std::move(tensor)});
        return name;
    }

    std::optional<Permutation> moved_pad(NodeProto& node, const Permutation& order) {
        const auto at = constant_at_.find(node.inputs[1]);
        if (at == constant_at_.end()) return std::nullopt;
        const auto pads = graph_.initializers[at->second].tensor.values<std::int64_t>();
        const std::size_t rank = order.size();
        Ints turned(2 * rank);
        for (std::size_t i = 0; i < rank; ++i) {
            turned[order[i]] = pads[i];
            turned[rank + order[i]] = pads[rank + i];
        }
        node.inputs[1] = add_constant(node.inputs[1], Tensor::from({static_cast<std::int64_t>(2 * rank)}, turned));
        return order;
    }

    std::optional<Permutation> moved_concat(NodeProto& node, const Permutation& order) const {
        for (const std::string& input : node.inputs)
            if (constant_at_.contains(input)) return std::nullopt;
        std::int64_t& axis = *attribute<std::int64_t>(node, "axis");
        axis = static_cast<std::int64_t>(order[resolve_axis(axis, order.size())]);
        return order;
    }

    static std::optional<Permutation> moved_reduction(NodeProto& node, const Permutation& order) {
        Ints& axes = *attribute<Ints>(node, "axes");
        for (std::int64_t& axis : axes) axis = static_cast<std::int64_t>(order[resolve_axis(axis, order.size())]);
        std::sort(axes.begin(), axes.end());
        if (*attribute<std::int64_t>(node, "keepdims") != 0) return order;
        Permutation kept;
        for (const std::size_t axis : order) {
            const auto gone = [&](std::int64_t reduced) { return reduced < static_cast<std::int64_t>(axis); };
            if (std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(axis)) != axes.end()) continue;
            kept.push_back(axis - static_cast<std::size_t>(std::count_if(axes.begin(), axes.end(), gone)));
        }
        return kept;
    }

    void drop_unread() {
        std::set<std::string> read = pinned_;
        std::vector<NodeProto> kept;
        for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node) {
            const auto is_read = [&](const std::string& output) { return read.contains(output); };
            if (std::none_of(node->outputs.begin(), node->outputs.end(), is_read)) continue;
            read.insert(node->inputs.begin(), node->inputs.end());
            kept.push_back(std::move(*node));
        }
        graph_.nodes.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
        std::erase_if(graph_.initializers, [&](const TensorProto& tensor) { return !read.contains(tensor.name); });
        constant_at_.clear();
        for (std::size_t i = 0; i < graph_.initializers.size(); ++i) constant_at_[graph_.initializers[i].name] = i;
    }

    GraphProto& graph_;
    std::set<std::string> pinned_;  // read from elsewhere: outputs, and what bodies of nodes read
    std::map<std::string, std::size_t> constant_at_;
    std::size_t moved_ = 0;
};

}  // namespace

void simplify(GraphProto& graph) { Simplifier(graph).run(); }

}  // namespace layerctl::onnx
