#include "engine/bytecode/emit.hpp"

#include <set>
#include <tuple>

#include "models/limits.hpp"

namespace layerctl::bytecode {
namespace {

using Kind = Symbol::Kind;
using expressions::Node;

class Emitter {
public:
    Emitter(const SymbolNames& names, const std::string& variable) : names_(names) {
        taken_.insert(variable);
        for (const auto& [symbol, name] : names)
            if (symbol->kind == Kind::part) part_names_[{symbol->items[0].get(), symbol->count, symbol->index}] = name;
    }

    expressions::Body body(const SymbolPtr& result) {
        check_result(*result);
        count(*result);
        Node value = node(result);
        body_.push_back({.place = "function", .targets = {}, .value = std::move(value)});
        return std::move(body_);
    }

private:
    static void check_result(const Symbol& result) {
        const bool several = result.kind == Kind::sequence && !result.items.empty();
        for (const SymbolPtr& item : several ? result.items : Symbols{std::make_shared<const Symbol>(result)})
            if (!item->is_open()) refuse(Category::attribute, "it returns ", described(*item), ", not a tensor");
    }

    void count(const Symbol& symbol) {
        for (const SymbolPtr& item : symbol.items) {
            const bool is_new = uses_[item.get()]++ == 0;
            if (is_new) count(*item);
        }
    }

    bool is_shared(const Symbol& symbol) const {
        const bool computed = symbol.is_open() && symbol.kind != Kind::variable && symbol.kind != Kind::constant_tensor;
        const auto uses = uses_.find(&symbol);
        return computed && uses != uses_.end() && uses->second > 1;
    }

    std::string new_name(const std::string& base) {
        std::string name = base;
        for (std::size_t& next = next_number_[base]; !taken_.insert(name).second;) name = cat(base, ++next + 1);
        return name;
    }

    std::string name_for(const Symbol& symbol) {
        const auto named = names_.find(&symbol);
        return new_name(named == names_.end() ? "value" : named->second);
    }

    static Node name_node(std::string name) { return expressions::make_node(Node::Kind::name, 0, std::move(name), {}); }

    Node node(const SymbolPtr& symbol) {
        if (symbol->kind == Kind::part) return part(*symbol);
        if (!is_shared(*symbol)) return written_out(*symbol);
        if (const auto known = statements_.find(symbol.get()); known != statements_.end())
            return name_node(known->second);
        Node value = written_out(*symbol);
        const std::string name = name_for(*symbol);
        body_.push_back({.place = "function", .targets = {name}, .value = std::move(value), .deferred = true});
        statements_.emplace(symbol.get(), name);
        return name_node(name);
    }

    /// All parts of what is unpacked are the targets of one statement.
    Node part(const Symbol& symbol) {
        std::vector<std::string>& targets = unpacked_[{symbol.items[0].get(), symbol.count}];
        if (targets.empty()) {
            Node value = node(symbol.items[0]);
            std::vector<std::string> chosen;
            for (std::size_t i = 0; i < symbol.count; ++i)
                chosen.push_back(part_name(*symbol.items[0], i, symbol.count));
            body_.push_back(
                {.place = "function", .targets = chosen, .unpacks = true, .value = std::move(value), .deferred = true});
            unpacked_[{symbol.items[0].get(), symbol.count}] = std::move(chosen);
        }
        return name_node(unpacked_[{symbol.items[0].get(), symbol.count}][symbol.index]);
    }

    std::string part_name(const Symbol& whole, std::size_t index, std::size_t count) {
        const auto named = part_names_.find({&whole, count, index});
        return new_name(named == part_names_.end() ? "value" : named->second);
    }

    Node written_out(const Symbol& symbol) {
        written_ += 1 + weight_of(symbol.value);
        if (written_ > limits::expression_nodes)
            refuse(Category::too_large, "more than ", limits::expression_nodes, " operations");
        std::vector<Node> items;
        for (const SymbolPtr& item : symbol.items) items.push_back(node(item));
        switch (symbol.kind) {
            case Kind::constant:
            case Kind::constant_tensor: return expressions::make_constant(symbol.value, 0);
            case Kind::sequence:
                return made(symbol.is_list ? Node::Kind::list : Node::Kind::tuple, "", std::move(items));
            case Kind::slice: return made(Node::Kind::slice, "", std::move(items));
            case Kind::variable: return name_node(symbol.text);
            case Kind::attribute: return made(Node::Kind::attribute, symbol.text, std::move(items));
            case Kind::call: return call(symbol, std::move(items));
            case Kind::unary: return made(Node::Kind::unary, symbol.text, std::move(items));
            case Kind::binary: return made(Node::Kind::binary, symbol.text, std::move(items));
            case Kind::conditional: return made(Node::Kind::conditional, "", std::move(items));
            case Kind::subscript: return made(Node::Kind::subscript, "", std::move(items));
            default: refuse(Category::attribute, described(symbol), " as a value");
        }
    }

    static Node made(Node::Kind kind, std::string text, std::vector<Node> items) {
        return expressions::make_node(kind, 0, std::move(text), std::move(items));
    }

    static Node call(const Symbol& symbol, std::vector<Node> items) {
        items.insert(items.begin(), name_node(symbol.text));
        Node node = made(Node::Kind::call, "", std::move(items));
        node.keywords = symbol.names;
        return node;
    }

    const SymbolNames& names_;
    std::map<const Symbol*, std::size_t> uses_;
    std::map<const Symbol*, std::string> statements_;
    std::map<std::pair<const Symbol*, std::size_t>, std::vector<std::string>> unpacked_;
    std::map<std::tuple<const Symbol*, std::size_t, std::size_t>, std::string> part_names_;
    std::set<std::string> taken_;
    std::map<std::string, std::size_t> next_number_;
    expressions::Body body_;
    std::size_t written_ = 0;
};

}  // namespace

expressions::Body body_of(const SymbolPtr& result, const SymbolNames& names, const std::string& variable) {
    return Emitter(names, variable).body(result);
}

}  // namespace layerctl::bytecode
