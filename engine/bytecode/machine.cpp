#include "engine/bytecode/machine.hpp"

#include <algorithm>
#include <iterator>

#include "models/limits.hpp"

namespace layerctl::bytecode {
namespace {

using Kind = Symbol::Kind;

// The walk over the steps has seen to it that there is enough on the stack.
SymbolPtr pop(Symbols& stack) {
    if (stack.empty()) fail(Code::internal, "a step on an empty stack");
    SymbolPtr top = std::move(stack.back());
    stack.pop_back();
    return top;
}

Symbols pop(Symbols& stack, std::size_t n) {
    if (n > stack.size()) fail(Code::internal, "a step on too small a stack");
    const auto first = stack.end() - static_cast<std::ptrdiff_t>(n);
    Symbols items(std::make_move_iterator(first), std::make_move_iterator(stack.end()));
    stack.erase(first, stack.end());
    return items;
}

SymbolPtr& from_top(Symbols& stack, std::size_t n) {
    if (n == 0 || n > stack.size()) fail(Code::internal, "a place outside the stack");
    return stack[stack.size() - n];
}

std::string text_of(const Symbol& symbol) {
    if (!symbol.is_text()) refuse(Category::unknown_function, "a keyword that is no text");
    return *symbol.value.string();
}

std::vector<std::string> texts_of(const Symbol& symbol) {
    if (symbol.kind != Kind::sequence) refuse(Category::unknown_function, "keywords that are no tuple");
    std::vector<std::string> texts;
    for (const SymbolPtr& item : symbol.items) texts.push_back(text_of(*item));
    return texts;
}

using Members = std::vector<std::pair<std::string, SymbolPtr>>;

Members members_of(const Symbol& dict) {
    if (dict.kind == Kind::null) return {};
    if (dict.kind != Kind::dict) refuse(Category::unknown_function, "keywords that are ", described(dict));
    Members members;
    for (std::size_t i = 0; i < dict.items.size(); ++i) members.emplace_back(dict.names[i], dict.items[i]);
    return members;
}

/// The last of `items` under their names.
Given given_of(Symbols items, const std::vector<std::string>& keywords) {
    if (keywords.size() > items.size()) refuse(Category::unknown_function, "more keywords than arguments");
    Given given;
    const std::size_t positional = items.size() - keywords.size();
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i < positional) given.positional.push_back(std::move(items[i]));
        else given.named.emplace_back(keywords[i - positional], std::move(items[i]));
    }
    return given;
}

}  // namespace

SymbolPtr Machine::follow(State state) {
    for (;;) {
        if (++taken_ > limits::bytecode_steps) refuse(Category::loop, "more than ", limits::bytecode_steps, " steps");
        const Step& step = steps_.steps[state.at++];
        if (step.act == Act::leave) return pop(state.stack);
        if (step.act == Act::raise) refuse(Category::exception_handling, "it raises an exception");
        if (step.act == Act::jump) state.at = step.target;
        else if (step.act != Act::branch) apply(state, step);
        else {
            bool over = false;
            if (SymbolPtr result = decided(state, step, over); over) return result;
        }
    }
}

/// Goes the way that is known, or both ways to their ends.
SymbolPtr Machine::decided(State& state, const Step& step, bool& over) {
    const SymbolPtr x = pop(state.stack);
    State other = state;
    other.at = step.target;
    if (step.keeps) other.stack.push_back(x);
    if (const std::optional<bool> jumps = meaning_.is(step.when, x)) {
        if (*jumps) state = std::move(other);
        return nullptr;
    }
    if (++ways_ > limits::bytecode_paths) refuse(Category::too_large, "more than ", limits::bytecode_paths, " ways");
    over = true;
    SymbolPtr there = follow(std::move(other)), here = follow(std::move(state));
    if (step.when == When::false_) std::swap(there, here);
    const bool same = there->is_open() && here->is_open() && there->sort == here->sort;
    return make_.make({.kind = Kind::conditional,
                       .sort = same ? there->sort : Symbol::Sort::tensor,
                       .items = {x, std::move(there), std::move(here)}});
}

SymbolPtr Machine::dict_of(const Members& members) {
    Symbol dict{.kind = Kind::dict};
    for (const auto& [name, value] : members) {
        const auto known = std::find(dict.names.begin(), dict.names.end(), name);
        if (known != dict.names.end()) dict.items[static_cast<std::size_t>(known - dict.names.begin())] = value;
        else dict.names.push_back(name), dict.items.push_back(value);
    }
    return make_.make(std::move(dict));
}

SymbolPtr Machine::slice_of(State& state, std::size_t parts) {
    const SymbolPtr none = make_.constant(Value());
    const SymbolPtr stop = (parts & 2) != 0 ? pop(state.stack) : none;
    const SymbolPtr start = (parts & 1) != 0 ? pop(state.stack) : none;
    return meaning_.binary("[]", pop(state.stack), make_.make({.kind = Kind::slice, .items = {start, stop, none}}));
}

void Machine::take_markers(State& state, const Step& step, SymbolPtr& callee) {
    callee = pop(state.stack);
    if (step.null == Null::absent) return;
    SymbolPtr other = pop(state.stack);
    if (callee->kind == Kind::null) callee = std::move(other);
}

void Machine::call(State& state, const Step& step) {
    std::vector<std::string> keywords = std::move(state.keywords);
    state.keywords.clear();
    if (step.keywords_on_top) keywords = texts_of(*pop(state.stack));
    Given given = given_of(pop(state.stack, step.n), keywords);
    SymbolPtr callee;
    take_markers(state, step, callee);
    state.stack.push_back(meaning_.call(callee, std::move(given)));
}

void Machine::call_in_pairs(State& state, const Step& step) {
    Members more;
    if (step.dict) more = members_of(*pop(state.stack));
    Symbols rest;
    if (step.list) rest = meaning_.items(pop(state.stack));
    Given given;
    const Symbols pairs = pop(state.stack, 2 * step.m);
    for (std::size_t i = 0; i < pairs.size(); i += 2) given.named.emplace_back(text_of(*pairs[i]), pairs[i + 1]);
    given.named.insert(given.named.end(), more.begin(), more.end());
    given.positional = pop(state.stack, step.n);
    given.positional.insert(given.positional.end(), rest.begin(), rest.end());
    const SymbolPtr callee = pop(state.stack);
    state.stack.push_back(meaning_.call(callee, std::move(given)));
}

void Machine::call_unpacked(State& state, const Step& step) {
    Given given;
    if (step.dict) given.named = members_of(*pop(state.stack));
    given.positional = meaning_.items(pop(state.stack));
    SymbolPtr callee;
    take_markers(state, step, callee);
    state.stack.push_back(meaning_.call(callee, std::move(given)));
}

void Machine::apply(State& state, const Step& step) {
    Symbols& stack = state.stack;
    switch (step.act) {
        case Act::nothing: return;
        case Act::load_local:
            if (state.locals[step.n] == nullptr)
                refuse(Category::unknown_global, "the variable '", code_.locals[step.n], "' has no value");
            return stack.push_back(state.locals[step.n]);
        case Act::store_local: {
            state.locals[step.n] = pop(stack);
            const SymbolPtr& stored = state.locals[step.n];
            if (names_.emplace(stored.get(), code_.locals[step.n]).second) kept_.push_back(stored);
            return;
        }
        case Act::delete_local: state.locals[step.n] = nullptr; return;
        case Act::load_constant: return stack.push_back(make_.from_object(*step.constant));
        case Act::load_null: return stack.push_back(make_.make({.kind = Kind::null}));
        case Act::load_global: return stack.push_back(meaning_.global(step.text));
        case Act::load_free: return stack.push_back(meaning_.captured(step.text));
        case Act::load_attribute: {
            const SymbolPtr object = pop(stack);
            return stack.push_back(meaning_.attribute(object, step.text));
        }
        case Act::import_module: {
            const SymbolPtr names = pop(stack), level = pop(stack);
            return stack.push_back(meaning_.import_module(step.text, *level, *names));
        }
        case Act::import_member: return stack.push_back(meaning_.attribute(stack.back(), step.text));
        case Act::set_keywords: state.keywords = texts_of(*make_.from_object(*step.constant)); return;
        case Act::call: return call(state, step);
        case Act::call_in_pairs: return call_in_pairs(state, step);
        case Act::call_unpacked: return call_unpacked(state, step);
        case Act::pop: pop(stack); return;
        case Act::copy: return stack.push_back(SymbolPtr(from_top(stack, step.n)));
        case Act::swap: return std::swap(from_top(stack, 1), from_top(stack, step.n));
        case Act::rotate: {
            SymbolPtr top = pop(stack);
            stack.insert(stack.end() - static_cast<std::ptrdiff_t>(step.n - 1), std::move(top));
            return;
        }
        case Act::unary: {
            const SymbolPtr x = pop(stack);
            return stack.push_back(meaning_.unary(step.text, x));
        }
        case Act::binary: {
            const SymbolPtr y = pop(stack), x = pop(stack);
            return stack.push_back(meaning_.binary(step.text, x, y));
        }
        case Act::update: {
            const SymbolPtr y = pop(stack), x = pop(stack);
            return stack.push_back(meaning_.updated(step.text, x, y));
        }
        case Act::slice_of: return stack.push_back(slice_of(state, step.n));
        case Act::unpack: {
            const Symbols parts = meaning_.unpacked(pop(stack), step.n);
            stack.insert(stack.end(), parts.rbegin(), parts.rend());
            return;
        }
        default: return apply_to_sequences(state, step);
    }
}

void Machine::apply_to_sequences(State& state, const Step& step) {
    Symbols& stack = state.stack;
    switch (step.act) {
        case Act::make_tuple:
        case Act::make_list: return stack.push_back(make_.sequence(pop(stack, step.n), step.act == Act::make_list));
        case Act::make_slice: {
            Symbols parts = pop(stack, step.n);
            parts.resize(3, make_.constant(Value()));
            return stack.push_back(make_.make({.kind = Kind::slice, .items = std::move(parts)}));
        }
        case Act::make_dict: {
            const Symbols pairs = pop(stack, 2 * step.n);
            Members members;
            for (std::size_t i = 0; i < pairs.size(); i += 2) members.emplace_back(text_of(*pairs[i]), pairs[i + 1]);
            return stack.push_back(dict_of(members));
        }
        case Act::make_keyed_dict: {
            const std::vector<std::string> names = texts_of(*pop(stack));
            const Symbols values = pop(stack, step.n);
            if (names.size() != values.size()) refuse(Category::instruction, "a dict with other keys than values");
            Members members;
            for (std::size_t i = 0; i < values.size(); ++i) members.emplace_back(names[i], values[i]);
            return stack.push_back(dict_of(members));
        }
        case Act::extend_list: {
            const SymbolPtr more = pop(stack);
            SymbolPtr& list = from_top(stack, step.n);
            const bool shape = more->is_open() && more->sort == Symbol::Sort::dimensions;
            list = meaning_.binary("+", list, shape ? more : make_.sequence(meaning_.items(more), true));
            return;
        }
        case Act::join_lists: {
            SymbolPtr list = make_.sequence({}, true);
            for (const SymbolPtr& more : pop(stack, step.n)) list = meaning_.binary("+", list, more);
            return stack.push_back(list);
        }
        case Act::merge_dict: {
            Members more = members_of(*pop(stack)), members = members_of(*from_top(stack, step.n));
            members.insert(members.end(), more.begin(), more.end());
            from_top(stack, step.n) = dict_of(members);
            return;
        }
        case Act::join_dicts: {
            Members members;
            for (const SymbolPtr& dict : pop(stack, step.n)) {
                const Members more = members_of(*dict);
                members.insert(members.end(), more.begin(), more.end());
            }
            return stack.push_back(dict_of(members));
        }
        case Act::to_tuple: return stack.push_back(meaning_.tuple_of(pop(stack)));
        default: fail(Code::internal, "a step without a meaning");
    }
}

}  // namespace layerctl::bytecode
