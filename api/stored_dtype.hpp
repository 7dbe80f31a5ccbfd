// Weights in the dtype that a file is to hold them in.
#pragma once

#include <string>

#include "models/weight_store.hpp"

namespace layerctl {

/// What rounding changed.
struct Rounding {
    std::size_t weights = 0;  // stored in another dtype than before
    double largest = 0;       // change of a number, relative to it
    std::string weight;       // that holds this number; empty if no number changed
};

/// The floating weights in `dtype`, rounded to nearest even; others stay. A number beyond the dtype is
/// Code::unsupported, unless it is infinite already.
WeightStore stored_as(WeightStore store, DType dtype, Rounding& rounding);

/// "6 weights stored as float16; …"
std::string rounding_text(const Rounding& rounding, DType dtype);

}  // namespace layerctl
