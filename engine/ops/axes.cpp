#include "engine/ops/axes.hpp"

#include <algorithm>

#include "models/error.hpp"

namespace layerctl {

std::vector<std::size_t> AxisList::resolve(std::size_t rank) const {
    std::vector<std::size_t> axes;
    for (const std::int64_t axis : values) axes.push_back(resolve_axis(axis, rank));
    std::sort(axes.begin(), axes.end());
    const auto twice = std::adjacent_find(axes.begin(), axes.end());
    if (twice != axes.end())
        fail(Code::config, "axis ", *twice, " is named twice in ", to_json(ConfigField<AxisList>::write(*this)));
    return axes;
}

bool ConfigField<AxisList>::read(const Value& value, AxisList& out, Dialect dialect) {
    out.is_list = value.array() != nullptr;
    if (out.is_list) return ConfigField<std::vector<std::int64_t>>::read(value, out.values, dialect);
    out.values.assign(1, 0);
    return ConfigField<std::int64_t>::read(value, out.values.front(), dialect);
}

Value ConfigField<AxisList>::write(const AxisList& axes) {
    if (!axes.is_list && axes.values.size() == 1) return axes.values.front();
    return ConfigField<std::vector<std::int64_t>>::write(axes.values);
}

}  // namespace layerctl
