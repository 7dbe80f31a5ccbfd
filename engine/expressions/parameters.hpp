// The parameters of functions that are not the table's own: their names, and those they are passed on under.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/expressions/item.hpp"
#include "engine/ops/table/arguments.hpp"

namespace layerctl::expressions {

/// One parameter: what the function calls it, and the name it is passed on under.
struct Renamed {
    ops::Parameter parameter;
    std::string target;
};

/// Of a signature as the table writes it, where "min_value>low" passes on `min_value` as `low`.
std::vector<Renamed> renamed(std::string_view parameters);

/// The items by their target names, all of them. A missing one, an unknown one and a second one of a name fail, as does
/// another value than the default where only that is supported.
CallItems under_table_names(const std::vector<Renamed>& parameters, CallItems items);

}  // namespace layerctl::expressions
