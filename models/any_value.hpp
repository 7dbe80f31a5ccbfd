// Looking through a tree of JSON.
#pragma once

#include <algorithm>

#include "models/value.hpp"

namespace layerctl {

/// Whether the value, or one at any depth in it, is such.
template <class Is>
bool any_value(const Value& value, const Is& is) {
    if (is(value)) return true;
    if (value.array() != nullptr)
        return std::any_of(value.array()->begin(), value.array()->end(),
                           [&](const Value& item) { return any_value(item, is); });
    return value.object() != nullptr && std::any_of(value.object()->begin(), value.object()->end(),
                                                    [&](const auto& member) { return any_value(member.second, is); });
}

}  // namespace layerctl
