// What is known of the outputs of a layer or function before a run.
#pragma once

#include <vector>

#include "models/dtype.hpp"
#include "models/shape.hpp"

namespace layerctl {

using DTypes = std::vector<DType>;

struct OutputSpec {
    Shapes shapes;
    DTypes dtypes;  // parallel to shapes
};

}  // namespace layerctl
