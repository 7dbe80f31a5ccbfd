#include "engine/bytecode/decode.hpp"

#include <algorithm>
#include <set>

#include "engine/bytecode/emit.hpp"
#include "engine/bytecode/fits.hpp"
#include "engine/bytecode/libraries.hpp"
#include "engine/expressions/source.hpp"
#include "models/limits.hpp"

namespace layerctl::bytecode {
namespace {

using expressions::Node;

const Value::Array& items_of(const Value& value) {
    static const Value::Array none;
    if (value.array() != nullptr) return *value.array();
    const Value* items = value.string_at("class_name") == "__tuple__" ? value.find("items") : nullptr;
    return items == nullptr || items->array() == nullptr ? none : *items->array();
}

/// Calls that other versions of TensorFlow compute otherwise: of functions, and comparisons of tensors for equality.
void find_changed(const Node& node, std::set<std::string>& changed) {
    if (node.kind == Node::Kind::call && changed_since_tensorflow1(node.items[0].text))
        changed.insert(node.items[0].text);
    if (node.kind == Node::Kind::binary && (node.text == "==" || node.text == "!=")) changed.insert(node.text);
    for (const Node& item : node.items) find_changed(item, changed);
}

/// One reading of a function, from its arguments to its body.
class Reader {
public:
    Reader(const Fit& fit, const CompiledFunction& function)
        : code_(fit.reading.code()), fit_(fit), function_(function) {}

    Decoded read() {
        if (fit_.refusal) throw Refused{*fit_.refusal};
        const Surroundings outside{captured(), function_.user, globals()};
        Meaning meaning(make_, fit_.version, outside);
        Machine machine(code_, fit_.steps, make_, meaning);
        Symbols arguments = locals();
        const SymbolPtr result = machine.run(std::move(arguments));
        Decoded decoded;
        decoded.argument = code_.locals[0];
        decoded.body = body_of(result, machine.names(), decoded.argument);
        std::set<std::string> changed;
        for (const expressions::Statement& statement : decoded.body) find_changed(statement.value, changed);
        decoded.changed.assign(changed.begin(), changed.end());
        return decoded;
    }

private:
    std::vector<std::pair<std::string, Value>> captured() const {
        std::vector<std::pair<std::string, Value>> result;
        const Value::Array& values = items_of(function_.captured);
        for (std::size_t i = 0; i < std::min(values.size(), code_.free.size()); ++i)
            result.emplace_back(code_.free[i], values[i]);
        return result;
    }

    std::vector<std::string> globals() const {
        std::set<std::string> names;
        for (const Step& step : fit_.steps.steps)
            if (step.act == Act::load_global) names.insert(step.text);
        return {names.begin(), names.end()};
    }

    std::size_t parameters() const { return static_cast<std::size_t>(code_.argument_count + code_.keyword_only_count); }

    Symbols locals() {
        if (code_.argument_count == 0) refuse(Category::attribute, "the function takes no argument");
        Symbols locals(code_.locals.size());
        const Value::Array& defaults = items_of(function_.defaults);
        const auto positional = static_cast<std::size_t>(code_.argument_count);
        if (defaults.size() > positional) refuse(Category::format, "more defaults than arguments");
        for (std::size_t i = 0; i < defaults.size(); ++i)
            locals[positional - defaults.size() + i] = make_.from_config(defaults[i]);
        if (function_.arguments.object() != nullptr)
            for (const auto& [name, value] : *function_.arguments.object())
                locals[parameter(name)] = make_.from_config(value);
        for (std::size_t i = 1; i < parameters(); ++i) {  // Keras hands these over itself
            if (code_.locals[i] == "training") locals[i] = make_.constant(false);
            if (code_.locals[i] == "mask") locals[i] = nullptr;
        }
        locals[0] = make_.make({.kind = Symbol::Kind::variable, .sort = Symbol::Sort::input, .text = code_.locals[0]});
        return locals;
    }

    std::size_t parameter(const std::string& name) const {
        const auto end = code_.locals.begin() + static_cast<std::ptrdiff_t>(parameters());
        const auto found = std::find(code_.locals.begin() + 1, end, name);
        if (found == end) refuse(Category::attribute, "the function has no argument '", name, "' to be given a value");
        return static_cast<std::size_t>(found - code_.locals.begin());
    }

    const CodeObject& code_;
    const Fit& fit_;
    const CompiledFunction& function_;
    SymbolFactory make_;
};

struct Outcome {
    int score = 0;
    bool forbidden = false;
    Decoded decoded;
};

Outcome outcome_of(const Fit& fit, const CompiledFunction& function) {
    Outcome outcome{fit.score, fit.forbidden, {}};
    try {
        outcome.decoded = Reader(fit, function).read();
    } catch (const Refused& refused) {
        outcome.decoded.refusal = refused.refusal;
    } catch (const Error& error) {
        if (error.code() == Code::internal) throw;
        outcome.decoded.refusal = Refusal{Category::too_large, error.message()};
    }
    outcome.decoded.versions = {fit.version};
    return outcome;
}

std::string text_of(const Decoded& decoded) {
    return decoded.refusal ? "" : expressions::source_of(decoded.argument, decoded.body);
}

/// What all likely readings agree on. One that shows what must not be is enough to refuse.
Decoded agreed(const std::vector<Fit>& fits, const CompiledFunction& function) {
    std::vector<Outcome> outcomes;
    for (const Fit& fit : fits) outcomes.push_back(outcome_of(fit, function));
    for (const Outcome& outcome : outcomes)
        if (outcome.forbidden) return outcome.decoded;
    Decoded decoded = outcomes.front().decoded;
    for (std::size_t i = 1; i < outcomes.size() && outcomes[i].score == outcomes.front().score; ++i) {
        const Decoded& other = outcomes[i].decoded;
        decoded.versions.push_back(other.versions.front());
        if (decoded.refusal) continue;
        if (other.refusal) decoded.refusal = other.refusal;
        else if (text_of(other) != text_of(decoded))
            decoded.refusal = Refusal{Category::format, cat("Python ", name_of(decoded.versions.front()), " and ",
                                                            name_of(other.versions.front()), " read it differently")};
    }
    return decoded;
}

}  // namespace

Decoded decode(const CompiledFunction& function) {
    try {
        return agreed(fits_of(function.bytes), function);
    } catch (const Refused& refused) {
        Decoded decoded;
        decoded.refusal = refused.refusal;
        return decoded;
    }
}

std::shared_ptr<const expressions::UserFunction> function_of(const Decoded& decoded,
                                                             const expressions::UserNames* user) {
    expressions::Names names;
    names.owner = "function";
    names.variables = {decoded.argument};
    names.operators = Dialect::keras2;
    if (user != nullptr) names.function = [user](const std::string& name) { return user->user_function(name); };
    return std::make_shared<const expressions::UserFunction>(std::vector{decoded.argument},
                                                             std::vector<std::pair<std::string, Value>>{},
                                                             expressions::Program(decoded.body, names));
}

}  // namespace layerctl::bytecode
