// The names of precisions.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "models/dtype.hpp"

namespace layerctl::cli {

/// What the weights become.
inline const std::map<std::string, DType>& precisions() {
    static const std::map<std::string, DType> names = {
        {"f32", DType::float32}, {"bf16", DType::bfloat16}, {"int8w", DType::int8}};
    return names;
}

inline std::string precision_name(DType precision) {
    return std::find_if(precisions().begin(), precisions().end(),
                        [&](const auto& row) { return row.second == precision; })
        ->first;
}

}  // namespace layerctl::cli
