// A number or nested lists of numbers in a config, as a tensor.
#pragma once

#include <vector>

#include "models/config_io.hpp"
#include "models/tensor.hpp"

namespace layerctl {

struct NumberArray {
    std::vector<double> numbers = {0};
    Shape shape;   // () for a plain number
    Value source;  // as read; null if made in code

    static NumberArray scalar(double number) { return {{number}, {}, number}; }

    /// In a float dtype.
    Tensor tensor(DType dtype) const { return Tensor::from(shape, numbers).cast(dtype); }
};

/// Accepts a number, nested lists of one shape, and numpy arrays and tensors as Keras serializes them.
template <>
struct ConfigField<NumberArray> {
    static std::string wanted(const NumberArray&) { return "a number or an array of numbers"; }
    static bool read(const Value& value, NumberArray& out, Dialect dialect);
    static Value write(const NumberArray& array) { return array.source; }
};

}  // namespace layerctl
