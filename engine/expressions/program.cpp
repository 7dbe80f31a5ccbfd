#include "engine/expressions/program.hpp"

#include <algorithm>
#include <map>

#include "engine/expressions/functions.hpp"
#include "engine/expressions/op_call.hpp"
#include "engine/expressions/python.hpp"
#include "models/error.hpp"
#include "models/limits.hpp"
#include "models/suggest.hpp"

namespace layerctl::expressions {
namespace {

using Runs = Program::Code;
using Kind = Node::Kind;

std::size_t position(const std::vector<std::string>& names, const std::string& name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

Item call_shape(const Item& x) {
    static const Function shape = find_function("ops.shape");
    return shape({{x}, {}}, {});
}

Item binary(const std::string& symbol, const Item& x, const Item& y, const Frame& frame) {
    const bool of_tensors = (x.is_tensor() || y.is_tensor()) && symbol != "is" && symbol != "is not";
    return of_tensors ? tensor_binary(symbol, x, y, frame) : python_binary(symbol, x, y);
}

Item unary(const std::string& symbol, const Item& x, const Frame& frame) {
    if (!x.is_tensor() || symbol == "not") return python_unary(symbol, x);
    return symbol == "-" ? negative(x, frame) : x;
}

Item subscript(const Item& object, const Item& key, const Frame& frame) {
    return object.is_tensor() ? tensor_subscript(object, key, frame) : python_subscript(object, key);
}

Item dtype_of(const Item& x, const Frame& frame) {
    if (!x.is_tensor()) fail(Code::unsupported, "the dtype of ", described(x));
    if (frame.purpose != Purpose::shapes) return constant_item(std::string(dtype_name(x.dtype)));
    Item item;
    item.kind = Item::Kind::unspecific;
    return item;
}

void unpack(const Item& value, const std::vector<std::size_t>& targets, Frame& frame) {
    auto items = as_sequence(value);
    if (!items) fail(Code::config, "wanted ", targets.size(), " values to unpack, found ", described(value));
    if (items->size() != targets.size())
        fail(Code::config, "wanted ", targets.size(), " values to unpack, found ", items->size());
    for (std::size_t i = 0; i < targets.size(); ++i) frame.slots[targets[i]] = std::move((*items)[i]);
}

void assign(Item value, const std::vector<std::size_t>& targets, bool unpacks, Frame& frame) {
    if (unpacks) unpack(value, targets, frame);
    else frame.slots[targets[0]] = std::move(value);
}

/// Turns the nodes of one body into code.
class Binder {
public:
    explicit Binder(const Names& names) : names_(names) {
        for (const std::string& name : names.variables) variables_.emplace(name, variables_.size());
        slots_ = names.variables.size() + names.attributes.size();
        part_calls_.resize(names.parts.size());
    }

    Runs bind(const Statement& statement) {
        place_ = std::make_shared<const std::string>(statement.place);
        return in_context(statement.place, [&] { return bind(statement.value); });
    }

    /// The targets of a deferred statement are read through its code.
    void defer(const Statement& statement) {
        auto code = std::make_shared<const Runs>(bind(statement));
        std::vector<std::size_t> targets;
        for (const std::string& target : statement.targets) targets.push_back(slot_for(target));
        for (const std::size_t target : targets)
            deferred_.emplace(target, [code, targets, unpacks = statement.unpacks, target](Frame& frame) {
                if (!frame.worked_out[target]) {
                    assign((*code)(frame), targets, unpacks, frame);
                    for (const std::size_t other : targets) frame.worked_out[other] = true;
                }
                return frame.slots[target];
            });
    }

    std::size_t slot_for(const std::string& name) {
        const auto [found, is_new] = variables_.emplace(name, slots_);
        if (is_new) ++slots_;
        return found->second;
    }

    std::size_t slots() const { return slots_; }
    std::size_t cost() const { return cost_; }
    std::vector<std::size_t> part_calls() { return std::move(part_calls_); }

private:
    /// `action` with the place and column in front of its errors.
    template <class Action>
    static Item at(const std::string& place, std::size_t column, const Action& action) {
        try {
            return action();
        } catch (Error& error) {
            if (column > 0) error.push_context(cat(place, ": column ", column));
            throw;
        }
    }

    /// Runs of a node whose items are evaluated first; `action(items, frame)` fails with the node's place.
    template <class Action>
    Runs after_items(const Node& node, Action action) {
        std::vector<Runs> codes;
        for (const Node& item : node.items) codes.push_back(bind(item));
        return
            [codes = std::move(codes), action = std::move(action), place = place_, column = node.column](Frame& frame) {
                std::vector<Item> items;
                for (const Runs& code : codes) items.push_back(code(frame));
                return at(*place, column, [&] { return action(items, frame); });
            };
    }

    Runs bind(const Node& node) {
        if (++cost_ > limits::expression_nodes)
            fail(Code::refused, "more than ", limits::expression_nodes, " operations");
        switch (node.kind) {
            case Kind::constant: return always(constant_item(node.value));
            case Kind::name: return bind_name(node);
            case Kind::attribute: return bind_attribute(node);
            case Kind::call: return bind_call(node);
            case Kind::unary:
                return after_items(node, [symbol = node.text](std::vector<Item>& items, const Frame& frame) {
                    return unary(symbol, items[0], frame);
                });
            case Kind::binary: return bind_binary(node);
            case Kind::conditional: return bind_conditional(node);
            case Kind::tuple:
            case Kind::list:
                return after_items(
                    node, [](std::vector<Item>& items, const Frame&) { return sequence_item(std::move(items)); });
            case Kind::subscript:
                return after_items(node, [](std::vector<Item>& items, const Frame& frame) {
                    return subscript(items[0], items[1], frame);
                });
            case Kind::slice:
                return after_items(node, [](std::vector<Item>& items, const Frame&) {
                    Item slice = sequence_item(std::move(items));
                    slice.kind = Item::Kind::slice;
                    return slice;
                });
        }
        fail(Code::internal, "a node of no kind");
    }

    static Runs always(Item item) {
        return [item = std::move(item)](Frame&) { return item; };
    }

    Runs slot(std::size_t index) const {
        if (const auto deferred = deferred_.find(index); deferred != deferred_.end()) return deferred->second;
        return [index](Frame& frame) { return frame.slots[index]; };
    }

    std::optional<Runs> attribute(const std::string& name) const {
        const std::size_t at = position(names_.attributes, name);
        if (at == names_.attributes.size()) return std::nullopt;
        return slot(names_.variables.size() + at);
    }

    Runs bind_name(const Node& node) {
        if (const auto variable = variables_.find(node.text); variable != variables_.end())
            return slot(variable->second);
        if (auto code = attribute(node.text)) return std::move(*code);
        if (names_.constant)
            if (std::optional<Value> value = names_.constant(node.text))
                return always(constant_item(std::move(*value)));
        if (node.text == "training") return always(constant_item(false));
        fail_unknown(node, node.text, "a weight, input, config value or constant");
    }

    Runs bind_attribute(const Node& node) {
        const std::string name = dotted_name(node);
        if (name.starts_with("self.") && name.find('.', 5) == std::string::npos) {
            if (auto code = attribute(node.text)) return std::move(*code);
            fail_unknown(node, node.text, "a weight or config value");
        }
        if (std::optional<Value> value = find_library_constant(name)) return always(constant_item(std::move(*value)));
        if (node.text == "shape")
            return after_items(node, [](std::vector<Item>& items, const Frame&) { return call_shape(items[0]); });
        if (node.text == "dtype")
            return after_items(node,
                               [](std::vector<Item>& items, const Frame& frame) { return dtype_of(items[0], frame); });
        fail(Code::config, "column ", node.column, ": attribute '", node.text,
             "' is not known; tensors have 'shape' and 'dtype'");
    }

    Runs bind_binary(const Node& node) {
        if (node.text != "and" && node.text != "or")
            return after_items(node, [symbol = node.text](std::vector<Item>& items, const Frame& frame) {
                return binary(symbol, items[0], items[1], frame);
            });
        Runs left = bind(node.items[0]), right = bind(node.items[1]);
        return [left, right, wants = node.text == "and", place = place_, column = node.column](Frame& frame) {
            Item first = left(frame);
            const auto truth = [&] { return constant_item(truth_of(first)); };
            return *at(*place, column, truth).constant.boolean() == wants ? right(frame) : first;
        };
    }

    Runs bind_conditional(const Node& node) {
        Runs condition = bind(node.items[0]), yes = bind(node.items[1]), no = bind(node.items[2]);
        return [=, place = place_, column = node.column](Frame& frame) {
            const Item test = condition(frame);
            const Item truth = at(*place, column, [&] { return constant_item(truth_of(test)); });
            return *truth.constant.boolean() ? yes(frame) : no(frame);
        };
    }

    Runs bind_call(const Node& node) {
        Function function = callee(node.items[0]);
        std::vector<Runs> codes;
        for (std::size_t i = 1; i < node.items.size(); ++i) codes.push_back(bind(node.items[i]));
        return [function = std::move(function), codes = std::move(codes), keywords = node.keywords, place = place_,
                column = node.column](Frame& frame) {
            CallItems items;
            const std::size_t named_from = codes.size() - keywords.size();
            for (std::size_t i = 0; i < codes.size(); ++i) {
                if (i < named_from) items.positional.push_back(codes[i](frame));
                else items.named.emplace_back(keywords[i - named_from], codes[i](frame));
            }
            return at(*place, column, [&] { return function(std::move(items), frame); });
        };
    }

    Function callee(const Node& node) {
        const std::string name = dotted_name(node);
        if (name.empty()) fail(Code::config, "column ", node.column, ": wanted the name of a function before '('");
        const bool own = name.starts_with("self.");
        const std::size_t part = position(names_.parts, own ? name.substr(5) : name);
        if (part < names_.parts.size()) {
            ++part_calls_[part];
            return [part](const CallItems& items, const Frame& frame) { return frame.call_part(part, items); };
        }
        if (!own) {
            if (const auto function = names_.function ? names_.function(name) : nullptr) {
                cost_ += function->cost();
                return [function](const CallItems& items, const Frame& frame) { return function->call(items, frame); };
            }
            if (Function function = find_function(name)) return function;
        }
        fail_unknown(node, own ? name.substr(5) : name, "a sub-layer or function");
    }

    /// The nearest name, or all there are.
    [[noreturn]] void fail_unknown(const Node& node, const std::string& name, const char* what) const {
        std::vector<std::string> own;
        for (const auto& [variable, index] : variables_) own.push_back(variable);
        for (const std::vector<std::string>* more : {&names_.attributes, &names_.parts})
            for (const std::string& known : *more)
                if (std::find(own.begin(), own.end(), known) == own.end()) own.push_back(known);
        std::vector<std::string> known = function_names_like(name);
        known.insert(known.end(), own.begin(), own.end());
        known.insert(known.end(), names_.function_names.begin(), names_.function_names.end());
        std::string hint = did_you_mean(name, known);
        if (hint.empty() && own.size() <= 20) {
            for (const std::string& item : own) hint += (hint.empty() ? " (there are " : ", ") + item;
            hint += own.empty() ? "" : ")";
        }
        fail(Code::config, "column ", node.column, ": '", name, "' is not ", what, " of this ", names_.owner, hint);
    }

    const Names& names_;
    std::map<std::string, std::size_t> variables_;
    std::map<std::size_t, Runs> deferred_;
    std::shared_ptr<const std::string> place_;
    std::size_t slots_ = 0;
    std::size_t cost_ = 0;
    std::vector<std::size_t> part_calls_;
};

}  // namespace

Program::Program(const Body& body, const Names& names) {
    if (body.empty()) fail(layerctl::Code::config, "wanted an expression, found none");
    Binder binder(names);
    for (const Statement& statement : body) {
        const bool last = &statement == &body.back();
        if (last != statement.targets.empty())
            fail(layerctl::Code::config, statement.place, ": ",
                 last ? "the last statement must be an expression or 'return'"
                      : "only the last statement has no 'name ='");
        if (statement.deferred) {
            binder.defer(statement);
            continue;
        }
        Step step{{}, statement.unpacks, statement.place, binder.bind(statement)};
        for (const std::string& target : statement.targets) step.targets.push_back(binder.slot_for(target));
        steps_.push_back(std::move(step));
    }
    slots_ = binder.slots();
    cost_ = binder.cost();
    part_calls_ = binder.part_calls();
    operators_ = names.operators;
    if (cost_ > limits::expression_nodes)
        fail(layerctl::Code::refused, body.front().place, ": more than ", limits::expression_nodes, " operations");
}

Item Program::evaluate(Frame& frame) const {
    frame.slots.resize(slots_);
    frame.worked_out.assign(slots_, false);
    frame.operators = operators_;
    for (const Step& step : steps_) {
        Item value = step.code(frame);
        if (step.targets.empty()) return value;
        in_context(step.place, [&] { assign(std::move(value), step.targets, step.unpacks, frame); });
    }
    fail(layerctl::Code::internal, "a program without a result");
}

UserFunction::UserFunction(std::vector<std::string> inputs, std::vector<std::pair<std::string, Value>> parameters,
                           Program program)
    : inputs_(inputs.size()), names_(std::move(inputs)), defaults_(names_.size()), program_(std::move(program)) {
    for (auto& [name, value] : parameters) {
        names_.push_back(name);
        defaults_.push_back(std::move(value));
    }
}

Item UserFunction::call(const CallItems& items, const Frame& caller) const {
    if (items.positional.size() > names_.size())
        fail(Code::config, "wanted at most ", names_.size(), " arguments, found ", items.positional.size());
    std::vector<std::optional<Item>> given(items.positional.begin(), items.positional.end());
    given.resize(names_.size());
    for (const auto& [name, item] : items.named) {
        const std::size_t at = position(names_, name);
        if (at == names_.size()) fail(Code::config, "argument '", name, "' is unknown", did_you_mean(name, names_));
        if (given[at]) fail(Code::config, "argument '", name, "' is given twice");
        given[at] = item;
    }
    Frame frame{caller.purpose, caller.dialect, {}, {}};
    frame.trace = caller.trace;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (!given[i] && defaults_[i].is_null()) fail(Code::config, "argument '", names_[i], "' is missing");
        frame.slots.push_back(given[i] ? std::move(*given[i]) : constant_item(defaults_[i]));
    }
    return program_.evaluate(frame);
}

}  // namespace layerctl::expressions
