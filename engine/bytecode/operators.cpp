// Operators on symbols: constants are worked out as Python does, what holds a tensor is left to the ops table.
#include <algorithm>
#include <cmath>

#include "engine/bytecode/meaning.hpp"
#include "engine/expressions/python.hpp"
#include "models/limits.hpp"

namespace layerctl::bytecode {
namespace {

using Kind = Symbol::Kind;
using Sort = Symbol::Sort;

[[noreturn]] void refuse_operator(const std::string& symbol, const Symbol& x, const Symbol& y) {
    refuse(Category::attribute, "the operator '", symbol, "' between ", described(x), " and ", described(y));
}

bool is_number(const Symbol& x) {
    return x.is_integer() || (x.is_constant() && (x.value.number() != nullptr || x.value.boolean() != nullptr));
}

bool is_float(const Symbol& x) { return x.is_constant() && x.value.number() != nullptr; }

bool is_finite(const Value& value) { return value.number() == nullptr || std::isfinite(*value.number()); }

bool holds_open(const Symbol& x) {
    return x.is_open() ||
           std::any_of(x.items.begin(), x.items.end(), [](const SymbolPtr& item) { return holds_open(*item); });
}

std::optional<std::int64_t> bound(const Symbol& x) {
    if (x.is_none()) return std::nullopt;
    if (!x.is_integer()) refuse(Category::attribute, "a slice of a sequence between ", described(x));
    return *x.value.integer();
}

/// Halves travel as float32, so that a run sees another dtype than was announced.
bool is_dtype(const Symbol& x) { return x.kind == Kind::attribute && x.text == "dtype"; }

bool is_ellipsis(const Symbol& x) { return x.is_constant() && x.value.object() != nullptr; }

bool is_index(const Symbol& x) { return x.is_integer() || x.is_open(); }

bool is_bound(const Symbol& x) { return x.is_none() || is_index(x); }

/// A key that indexing of tensors takes: no list, which TensorFlow does not take either.
bool is_tensor_key(const Symbol& key) {
    if (key.kind == Kind::slice)
        return std::all_of(key.items.begin(), key.items.end(), [](const SymbolPtr& part) { return is_bound(*part); });
    if (key.kind == Kind::sequence)
        return !key.is_list && std::all_of(key.items.begin(), key.items.end(), [](const SymbolPtr& item) {
            return item->kind != Kind::sequence && is_tensor_key(*item);
        });
    return is_bound(key) || is_ellipsis(key);
}

Sort sort_of_subscript(const Symbol& x, const Symbol& key) {
    switch (x.sort) {
        case Sort::dimensions: return key.kind == Kind::slice ? Sort::dimensions : Sort::dimension;
        case Sort::input: return key.kind == Kind::slice ? Sort::input : Sort::tensor;
        default: return Sort::tensor;
    }
}

}  // namespace

/// A constant that stands beside a tensor: arrays take its dtype, as Python's numbers do.
SymbolPtr Meaning::operand(const SymbolPtr& x) {
    if (x->kind == Kind::array) return make_.from_config(x->value);
    const bool usable = x->is_open() || x->is_constant() || x->kind == Kind::sequence;
    if (!usable || is_ellipsis(*x)) refuse(Category::attribute, "an operator on ", described(*x));
    return x;
}

SymbolPtr Meaning::constant_binary(const std::string& symbol, const Symbol& x, const Symbol& y) {
    std::string meant = symbol;
    if (symbol == "classic /") meant = is_float(x) || is_float(y) ? "/" : "//";
    try {
        const expressions::Item result =
            expressions::python_binary(meant, expressions::constant_item(x.value), expressions::constant_item(y.value));
        if (!is_finite(result.constant) && is_finite(x.value) && is_finite(y.value)) refuse_operator(symbol, x, y);
        return make_.constant(result.constant);
    } catch (const Error& error) {
        refuse(error.code() == Code::refused ? Category::too_large : Category::attribute, error.message());
    }
}

SymbolPtr Meaning::sequence_binary(const std::string& symbol, const SymbolPtr& x, const SymbolPtr& y) {
    const bool both = x->kind == Kind::sequence && y->kind == Kind::sequence;
    if (both && symbol == "+") {
        Symbols joined = x->items;
        joined.insert(joined.end(), y->items.begin(), y->items.end());
        return make_.sequence(std::move(joined), x->is_list);
    }
    if (both && (symbol == "==" || symbol == "!=")) {
        const std::optional<Value> left = value_of(*x), right = value_of(*y);
        if (left && right && x->is_list == y->is_list) return make_.constant((*left == *right) == (symbol == "=="));
    }
    const Symbol& sequence = x->kind == Kind::sequence ? *x : *y;
    const Symbol& times = x->kind == Kind::sequence ? *y : *x;
    if (symbol != "*" || !times.is_integer()) refuse_operator(symbol, *x, *y);
    const std::int64_t count = std::max<std::int64_t>(0, *times.value.integer());
    if (count > static_cast<std::int64_t>(limits::sequence_items) ||
        static_cast<std::size_t>(count) * sequence.items.size() > limits::sequence_items)
        refuse(Category::too_large, "a sequence repeated ", count, " times");
    Symbols repeated;
    for (std::int64_t i = 0; i < count; ++i)
        repeated.insert(repeated.end(), sequence.items.begin(), sequence.items.end());
    return make_.sequence(std::move(repeated), sequence.is_list);
}

SymbolPtr Meaning::binary(const std::string& symbol, const SymbolPtr& x, const SymbolPtr& y) {
    if (symbol == "[]") return subscript(x, y);
    if (symbol == "is" || symbol == "is not") return make_.constant(same(*x, *y) == (symbol == "is"));
    if (symbol == "in" || symbol == "not in") return make_.constant(contains(*x, *y) == (symbol == "in"));
    if (x->is_constant() && y->is_constant()) return constant_binary(symbol, *x, *y);
    const bool sequences = x->kind == Kind::sequence || y->kind == Kind::sequence;
    const bool open = x->is_open() || y->is_open();
    if (sequences && !open) return sequence_binary(symbol, x, y);
    if (!open) refuse_operator(symbol, *x, *y);
    const bool tensor = x->is_tensor() || y->is_tensor();
    const bool shape = x->sort == Sort::dimensions || y->sort == Sort::dimensions;
    if (!tensor && sequences && (symbol != "+" || !shape)) refuse_operator(symbol, *x, *y);
    if (!tensor && shape && symbol != "+") refuse_operator(symbol, *x, *y);
    const bool bits = std::string_view(" & | ^ << >> ").find(" " + symbol + " ") != std::string_view::npos;
    if (tensor && bits) refuse_operator(symbol, *x, *y);
    if (is_dtype(*x) || is_dtype(*y)) refuse(Category::tensor_condition, "it compares the dtype of a tensor");
    if (tensor && (x->is_none() || x->is_text() || y->is_none() || y->is_text())) refuse_operator(symbol, *x, *y);
    return node({.kind = Kind::binary,
                 .sort = tensor  ? Sort::tensor
                         : shape ? Sort::dimensions
                                 : Sort::number,
                 .text = symbol,
                 .items = {operand(x), operand(y)}});
}

SymbolPtr Meaning::updated(const std::string& symbol, const SymbolPtr& x, const SymbolPtr& y) {
    const bool shape = x->is_open() && x->sort == Sort::dimensions;
    const bool list = (x->kind == Kind::sequence && x->is_list) || (x->is_open() && x->sort == Sort::input);
    const bool may_be_list = list && (symbol == "+" || symbol == "*") && !y->is_tensor() && !is_number(*y);
    if (shape || x->kind == Kind::array || (list && !x->is_open()) || may_be_list)
        refuse(Category::store, "it changes ", described(*x), " in place");
    return binary(symbol, x, y);
}

SymbolPtr Meaning::unary(const std::string& symbol, const SymbolPtr& x) {
    if (symbol == "not") {
        if (const std::optional<bool> truth = is(When::true_, x)) return make_.constant(!*truth);
        return node({.kind = Kind::unary, .sort = Sort::number, .text = symbol, .items = {x}});
    }
    if (x->is_constant() && is_number(*x)) {
        if (symbol == "~") {
            if (!x->is_integer()) refuse(Category::attribute, "the operator '~' of ", described(*x));
            return make_.constant(~*x->value.integer());
        }
        return constant_binary(symbol, *make_.constant(0), *x);
    }
    if (!x->is_open() || symbol == "~" || x->sort == Sort::dimensions)
        refuse(Category::attribute, "the operator '", symbol, "' of ", described(*x));
    return node(
        {.kind = Kind::unary, .sort = x->is_tensor() ? Sort::tensor : Sort::number, .text = symbol, .items = {x}});
}

bool Meaning::is_none(const SymbolPtr& x) {
    if (!x->is_open()) return x->is_none();
    if (x->sort == Sort::dimension)
        refuse(Category::tensor_condition, "a branch depends on whether a dimension is known");
    return false;
}

std::optional<bool> Meaning::is(When when, const SymbolPtr& x) {
    if (when == When::none || when == When::not_none) return is_none(x) == (when == When::none);
    if (x->is_tensor() || x->kind == Kind::constant_tensor)
        refuse(Category::tensor_condition, "a branch depends on the numbers in a tensor");
    if (x->is_open()) return std::nullopt;
    bool truth = true;
    if (x->kind == Kind::array) refuse(Category::tensor_condition, "a branch depends on an array");
    if (x->is_constant()) truth = expressions::truth_of(expressions::constant_item(x->value));
    if (x->kind == Kind::sequence || x->kind == Kind::dict) truth = !x->items.empty();
    return truth == (when == When::true_);
}

bool Meaning::same(const Symbol& x, const Symbol& y) {
    if (x.is_none()) return is_none(std::make_shared<const Symbol>(y));
    if (y.is_none()) return is_none(std::make_shared<const Symbol>(x));
    const bool booleans = x.is_constant() && y.is_constant() && x.value.boolean() != nullptr;
    if (!booleans) refuse_operator("is", x, y);
    return x.value == y.value;
}

bool Meaning::contains(const Symbol& x, const Symbol& y) {
    if (!x.is_constant()) refuse_operator("in", x, y);
    if (y.kind == Kind::dict)
        return x.is_text() && std::find(y.names.begin(), y.names.end(), *x.value.string()) != y.names.end();
    if (y.kind != Kind::sequence) refuse_operator("in", x, y);
    return std::any_of(y.items.begin(), y.items.end(), [&](const SymbolPtr& item) {
        if (!item->is_constant()) refuse_operator("in", x, y);
        return *constant_binary("==", x, *item)->value.boolean();
    });
}

SymbolPtr Meaning::subscript(const SymbolPtr& x, const SymbolPtr& key) {
    if (x->is_open()) {
        const bool whole_number = x->sort == Sort::number || x->sort == Sort::dimension;
        if (whole_number || !is_tensor_key(*key))
            refuse(Category::attribute, "a subscript of ", described(*x), " by ", described(*key));
        return node({.kind = Kind::subscript, .sort = sort_of_subscript(*x, *key), .items = {x, key}});
    }
    if (x->kind == Kind::sequence) return item_of(*x, key);
    if (x->kind == Kind::dict && key->is_text()) {
        const auto found = std::find(x->names.begin(), x->names.end(), *key->value.string());
        if (found != x->names.end()) return x->items[static_cast<std::size_t>(found - x->names.begin())];
    }
    refuse(Category::attribute, "a subscript of ", described(*x));
}

SymbolPtr Meaning::item_of(const Symbol& sequence, const SymbolPtr& key) {
    if (key->kind == Kind::slice) return sliced(sequence, *key);
    const auto n = static_cast<std::int64_t>(sequence.items.size());
    if (!key->is_integer() || *key->value.integer() >= n || *key->value.integer() < -n)
        refuse(Category::attribute, "a subscript of ", described(sequence), " by ", described(*key));
    const std::int64_t at = *key->value.integer();
    return sequence.items[static_cast<std::size_t>(at < 0 ? at + n : at)];
}

SymbolPtr Meaning::sliced(const Symbol& sequence, const Symbol& slice) {
    const auto n = static_cast<std::int64_t>(sequence.items.size());
    const std::int64_t step = bound(*slice.items[2]).value_or(1);
    if (step == 0 || step < -n - 1 || step > n + 1)
        refuse(Category::attribute, "a slice of ", described(sequence), " in steps of ", step);
    const std::int64_t least = step > 0 ? 0 : -1, most = step > 0 ? n : n - 1;
    const auto clamped = [&](std::int64_t at) { return std::clamp(at < 0 ? at + n : at, least, most); };
    const std::optional<std::int64_t> start = bound(*slice.items[0]), stop = bound(*slice.items[1]);
    const std::int64_t first = start ? clamped(*start) : step > 0 ? 0 : n - 1;
    const std::int64_t end = stop ? clamped(*stop) : step > 0 ? n : -1;
    Symbols items;
    for (std::int64_t i = first; step > 0 ? i < end : i > end; i += step)
        items.push_back(sequence.items[static_cast<std::size_t>(i)]);
    return make_.sequence(std::move(items), sequence.is_list);
}

const Symbols& Meaning::items(const SymbolPtr& sequence) const {
    if (sequence->kind == Kind::sequence) return sequence->items;
    refuse(Category::loop, "it goes through ", described(*sequence));
}

SymbolPtr Meaning::tuple_of(const SymbolPtr& sequence) {
    const bool shape = sequence->is_open() && sequence->sort == Sort::dimensions;
    return shape ? sequence : make_.sequence(items(sequence), false);
}

Symbols Meaning::unpacked(const SymbolPtr& sequence, std::size_t count) {
    if (sequence->kind == Kind::sequence) {
        if (sequence->items.size() != count)
            refuse(Category::attribute, described(*sequence), " unpacked into ", count);
        return sequence->items;
    }
    const bool several = sequence->is_tensor() || (sequence->is_open() && sequence->sort == Sort::dimensions);
    if (!several) refuse(Category::attribute, described(*sequence), " unpacked into ", count);
    const Sort sort = sequence->sort == Sort::dimensions ? Sort::dimension : Sort::tensor;
    Symbols parts;
    for (std::size_t i = 0; i < count; ++i)
        parts.push_back(node({.kind = Kind::part, .sort = sort, .items = {sequence}, .index = i, .count = count}));
    return parts;
}

}  // namespace layerctl::bytecode
