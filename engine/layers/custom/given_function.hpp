// A function of the user as activations and Lambda layers call it.
#pragma once

#include <memory>
#include <vector>

#include "engine/expressions/program.hpp"
#include "models/custom_objects.hpp"

namespace layerctl::custom {

/// Several tensors fill the inputs of the function one by one, or the only input as a list. `arguments` are the values
/// of parameters; one the function does not have is Code::config.
std::shared_ptr<const TensorFunction> make_given_function(std::shared_ptr<const expressions::UserFunction> function,
                                                          const Value& arguments, Dialect dialect);

}  // namespace layerctl::custom
