// Says how two tensors differ, with a tolerance, or that they do not.
#pragma once

#include <optional>
#include <string>

#include "models/tensor.hpp"

namespace layerctl::golden {

struct Tolerance {
    double absolute = 0;
    double relative = 0;
};

/// Nothing if `found` is what Keras recorded: shape, dtype and every element, |found - wanted| <= atol + rtol·|wanted|.
/// NaN equals NaN, infinities their like; integers, booleans and strings are compared exactly.
std::optional<std::string> difference(const Tensor& wanted, const Tensor& found, Tolerance tolerance);

/// The same, output by output.
std::optional<std::string> difference(const Tensors& wanted, const Tensors& found, Tolerance tolerance);

}  // namespace layerctl::golden
