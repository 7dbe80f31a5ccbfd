// How the weights of a file are given to those of a model, and what became of it, line by line.
#pragma once

#include <string>
#include <vector>

#include "dtype.hpp"
#include "shape.hpp"

namespace layerctl {

/// What brings an array to a layer, in the terms of Keras' load_weights.
enum class WeightPairing {
    of_the_file,  // legacy h5: by position; .keras, .weights.h5: by path; arrays with names: by these
    by_position,  // Keras' by_name=False: of a legacy h5 file only
    by_name,      // Keras' by_name=True: of a legacy h5 file only; layers without a namesake keep their weights
};

/// Keras' arguments of load_weights.
struct Graft {
    WeightPairing pairing = WeightPairing::of_the_file;
    bool skip_mismatch = false;

    /// Some weights may stay what they were.
    bool is_partial() const { return skip_mismatch || pairing == WeightPairing::by_name; }
};

/// A weight of the model and the array that was found for it, or one of them alone.
struct AlignedWeight {
    std::string layer;  // its path: "sub/conv1"; empty if no weight of the model wants the array
    std::string wanted;  // "sub/conv1/kernel", or empty
    Shape wanted_shape;
    DType wanted_dtype = DType::float32;
    std::string found;  // as the file names it, or empty
    Shape found_shape;
    DType found_dtype = DType::float32;
    std::string paired_by;  // "position", "name", "layer name", "path"
    std::string problem;    // "no array", "no weight", "shape", "dtype", "count", "mismatch before it"; empty: none

    /// The weight gets the array.
    bool is_pair() const { return problem.empty(); }
};

/// In the order of the model's weights; arrays that none wants where they lie in the file.
using Alignment = std::vector<AlignedWeight>;

}  // namespace layerctl
