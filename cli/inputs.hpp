// The arrays named on the command line, matched to the inputs of a model.
#pragma once

#include "api/layerctl.hpp"
#include "cli/commands.hpp"

namespace layerctl::cli {

/// One tensor per input, in model order. Files that do not match the inputs one to one: Code::usage; an .npz whose
/// members do not: Code::input.
Tensors read_inputs(const InputFiles& files, const std::vector<TensorInfo>& inputs);

}  // namespace layerctl::cli
