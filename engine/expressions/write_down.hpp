// Calls on items as recorded calls, and into a Trace.
#pragma once

#include <algorithm>

#include "engine/expressions/item.hpp"
#include "engine/expressions/trace.hpp"

namespace layerctl::expressions {

/// Adds the call; `results` learn where they come from.
void write_down(const ops::Op& op, Dialect dialect, const CallItems& items, std::vector<Item>& results, Trace& trace);

/// A slice as a recorded call holds it.
Value slice_value(const Item& slice);

/// An item as a recorded call holds it; `of_leaf` says it of what is neither a constant nor made of items. A key of
/// subscripts is a list whose slices are constants though they stand beside each other.
template <class OfLeaf>
Argument argument_of(const Item& item, const OfLeaf& of_leaf) {
    Argument argument;
    if (item.kind == Item::Kind::slice) {
        argument.constant = slice_value(item);
    } else if (std::optional<Value> value = as_constant(item)) {
        argument.constant = std::move(*value);
    } else if (item.kind != Item::Kind::sequence) {
        return of_leaf(item);
    } else {
        for (const Item& inner : item.items) argument.items.push_back(argument_of(inner, of_leaf));
        const auto is_constant = [](const Argument& a) { return a.kind == Argument::Kind::constant; };
        argument.kind = Argument::Kind::list;
        if (!std::all_of(argument.items.begin(), argument.items.end(), is_constant)) return argument;
        Value::Array values;
        for (Argument& inner : argument.items) values.push_back(std::move(inner.constant));
        argument = {};
        argument.constant = std::move(values);
    }
    return argument;
}

}  // namespace layerctl::expressions
