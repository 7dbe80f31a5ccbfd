// How a call gets into a Trace.
#pragma once

#include "engine/expressions/item.hpp"
#include "engine/expressions/trace.hpp"

namespace layerctl::expressions {

/// Adds the call; `results` learn where they come from.
void write_down(const ops::Op& op, Dialect dialect, const CallItems& items, std::vector<Item>& results, Trace& trace);

/// A slice as a recorded call holds it.
Value slice_value(const Item& slice);

}  // namespace layerctl::expressions
