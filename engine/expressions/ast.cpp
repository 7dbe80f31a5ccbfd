#include "engine/expressions/ast.hpp"

#include <algorithm>

#include "models/error.hpp"
#include "models/limits.hpp"

namespace layerctl::expressions {

Node make_node(Node::Kind kind, std::size_t column, std::string text, std::vector<Node> items) {
    std::size_t depth = 0;
    for (const Node& item : items) depth = std::max(depth, item.depth);
    if (depth >= limits::expression_depth)
        fail(Code::refused, "column ", column, ": an expression of more than ", limits::expression_depth, " levels");
    Node node{.kind = kind, .column = column, .text = std::move(text), .value = {}, .items = std::move(items)};
    node.depth = depth + 1;
    return node;
}

Node make_constant(Value value, std::size_t column) {
    return {.kind = Node::Kind::constant, .column = column, .text = {}, .value = std::move(value)};
}

std::size_t size_of(const Node& node) {
    std::size_t size = 1;
    for (const Node& item : node.items) size += size_of(item);
    return size;
}

std::string dotted_name(const Node& node) {
    if (node.kind == Node::Kind::name) return node.text;
    if (node.kind != Node::Kind::attribute) return "";
    const std::string object = dotted_name(node.items[0]);
    return object.empty() ? "" : object + "." + node.text;
}

}  // namespace layerctl::expressions
