// Axes as Keras configs name them: one integer or a list of integers, counted from either end.
#pragma once

#include <cstdint>
#include <vector>

#include "models/config_io.hpp"
#include "models/shape.hpp"

namespace layerctl {

/// `axis: -1` or `axis: [1, 2]`; remembers which, so that it is written back alike.
struct AxisList {
    std::vector<std::int64_t> values = {-1};
    bool is_list = false;

    static AxisList none() { return {{}, true}; }

    /// The axes in [0, rank), ascending. One that is out of range or named twice is Code::config.
    std::vector<std::size_t> resolve(std::size_t rank) const;
};

template <>
struct ConfigField<AxisList> {
    static std::string wanted(const AxisList&) { return "an integer or a list of integers"; }
    static bool read(const Value& value, AxisList& out, Dialect dialect);
    static Value write(const AxisList& axes);
};

}  // namespace layerctl
