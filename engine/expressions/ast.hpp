// The syntax of a function: a closed subset of Python's. It comes from a text (parse.hpp); a decoder of another
// notation makes the same tree.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "models/value.hpp"

namespace layerctl::expressions {

/// One expression.
struct Node {
    enum class Kind {
        constant,     // `value`: null, a boolean, number or string; an ellipsis as ops::getitem takes it
        name,         // `text`
        attribute,    // `text` of items[0]
        call,         // items[0] called with the other items; the last `keywords.size()` of them by keyword
        unary,        // `text` is "-", "+" or "not"; items[0]
        binary,       // `text` is an operator of arithmetic or comparison, "and", "or", "is" or "is not"; two items
        conditional,  // items: the condition, the value if it holds, the other one
        tuple,        // items
        list,         // items
        subscript,    // items[0] at items[1]
        slice,        // items: start, stop, step; constants null where absent
    };

    Kind kind = Kind::constant;
    std::size_t column = 0;  // in the text it came from, from 1
    std::string text = {};
    Value value = {};
    std::vector<Node> items = {};
    std::vector<std::string> keywords = {};
    std::size_t depth = 1;  // of the tree
};

/// A node with items; a tree deeper than the limit is Code::refused.
Node make_node(Node::Kind kind, std::size_t column, std::string text, std::vector<Node> items);

Node make_constant(Value value, std::size_t column);

/// "a, b = value", or the result if there are no targets.
struct Statement {
    std::string place;  // what errors say before the column: "custom.json: /layers/Linear/call/0"
    std::vector<std::string> targets;
    bool unpacks = false;  // "a, = value" as well as "a, b = value"
    Node value = {};
    bool deferred = false;  // worked out when a target is first read, or never
};

/// Statements; the last one is the result, and only that.
using Body = std::vector<Statement>;

/// Nodes in an expression.
std::size_t size_of(const Node& node);

/// "tf.math.pow" of a name or of attributes of one; empty for anything else.
std::string dotted_name(const Node& node);

}  // namespace layerctl::expressions
