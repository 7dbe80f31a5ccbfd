#include "engine/expressions/source.hpp"

#include <algorithm>
#include <array>

#include "models/error.hpp"

namespace layerctl::expressions {
namespace {

using Kind = Node::Kind;

/// How strongly the parts of an expression hold together, as in Python's grammar.
enum class Strength { conditional, or_, and_, not_, comparison, sum, product, sign, power, atom };

Strength strength_of_operator(const std::string& symbol) {
    static constexpr std::array comparisons = {"<", "<=", ">", ">=", "==", "!=", "is", "is not"};
    if (symbol == "or") return Strength::or_;
    if (symbol == "and") return Strength::and_;
    if (std::find(comparisons.begin(), comparisons.end(), symbol) != comparisons.end()) return Strength::comparison;
    if (symbol == "+" || symbol == "-") return Strength::sum;
    return symbol == "**" ? Strength::power : Strength::product;
}

Strength strength_of(const Node& node) {
    switch (node.kind) {
        case Kind::conditional: return Strength::conditional;
        case Kind::binary: return strength_of_operator(node.text);
        case Kind::unary: return node.text == "not" ? Strength::not_ : Strength::sign;
        case Kind::constant: {
            const std::string text = to_json(node.value);
            return text.starts_with('-') ? Strength::sign : Strength::atom;
        }
        default: return Strength::atom;
    }
}

/// The text, in brackets if it would not hold together beside something of `least`.
std::string part(const Node& node, Strength least) {
    const std::string text = source_of(node);
    return strength_of(node) < least ? "(" + text + ")" : text;
}

std::string listed(const Node& node, std::size_t from) {
    std::string text;
    const std::size_t positional = node.items.size() - node.keywords.size();
    for (std::size_t i = from; i < node.items.size(); ++i) {
        if (i > from) text += ", ";
        if (i >= positional) text += node.keywords[i - positional] + "=";
        text += source_of(node.items[i]);
    }
    return text;
}

std::string constant(const Value& value) {
    if (value.is_null()) return "None";
    if (value.boolean() != nullptr) return *value.boolean() ? "True" : "False";
    if (value.string_at("class_name") == "__ellipsis__") return "...";
    const Value* config = value.find("config");
    if (value.string_at("class_name") != "__numpy__" || config == nullptr) return to_json(value);
    const Value* numbers = config->find("value");
    return cat("np.array(", numbers == nullptr ? "" : to_json(*numbers),
               ", dtype=", to_json(config->string_at("dtype")), ")");
}

std::string slice(const Node& node) {
    const auto bound = [](const Node& item) {
        const bool absent = item.kind == Kind::constant && item.value.is_null();
        return absent ? std::string() : source_of(item);
    };
    const std::string step = bound(node.items[2]);
    return bound(node.items[0]) + ":" + bound(node.items[1]) + (step.empty() ? "" : ":" + step);
}

std::string key(const Node& node) {
    if (node.kind != Kind::tuple || node.items.empty()) return source_of(node);
    std::string text = source_of(node.items[0]) + (node.items.size() == 1 ? "," : "");
    for (std::size_t i = 1; i < node.items.size(); ++i) text += ", " + source_of(node.items[i]);
    return text;
}

std::string binary(const Node& node) {
    const Strength own = strength_of(node);
    const auto tighter = static_cast<Strength>(static_cast<int>(own) + 1);
    const bool from_right = own == Strength::power;
    const std::string symbol = node.text == "classic /" ? "/" : node.text;
    return part(node.items[0], from_right ? tighter : own) + " " + symbol + " " +
           part(node.items[1], from_right ? own : tighter);
}

}  // namespace

std::string source_of(const Node& node) {
    switch (node.kind) {
        case Kind::constant: return constant(node.value);
        case Kind::name: return node.text;
        case Kind::attribute: return part(node.items[0], Strength::atom) + "." + node.text;
        case Kind::call: return part(node.items[0], Strength::atom) + "(" + listed(node, 1) + ")";
        case Kind::unary: return node.text + (node.text == "not" ? " " : "") + part(node.items[0], strength_of(node));
        case Kind::binary: return binary(node);
        case Kind::conditional:
            return part(node.items[1], Strength::or_) + " if " + part(node.items[0], Strength::or_) + " else " +
                   source_of(node.items[2]);
        case Kind::tuple: return "(" + listed(node, 0) + (node.items.size() == 1 ? ",)" : ")");
        case Kind::list: return "[" + listed(node, 0) + "]";
        case Kind::subscript: return part(node.items[0], Strength::atom) + "[" + key(node.items[1]) + "]";
        case Kind::slice: return slice(node);
    }
    fail(Code::internal, "a node of no kind");
}

std::string source_of(const std::string& arguments, const Body& body) {
    if (body.size() == 1) return "lambda " + arguments + ": " + source_of(body[0].value);
    std::string text = "def function(" + arguments + "):\n";
    for (const Statement& statement : body) {
        std::string targets;
        for (const std::string& target : statement.targets) targets += (targets.empty() ? "" : ", ") + target;
        const char* comma = statement.unpacks && statement.targets.size() == 1 ? "," : "";
        text += "    " + (targets.empty() ? "return " : targets + comma + " = ") + source_of(statement.value) + "\n";
    }
    text.pop_back();
    return text;
}

}  // namespace layerctl::expressions
