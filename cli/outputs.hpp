// Where the outputs of a prediction go.
#pragma once

#include <string>
#include <vector>

#include "api/layerctl.hpp"

namespace layerctl::cli {

/// Code::usage if the files of `-o` cannot take these outputs; asked before anything is computed.
void check_output_files(const std::vector<std::string>& files, std::size_t outputs, bool stdout_is_taken);

/// Writes them: one .npy each, or one .npz with all.
void write_outputs(const std::vector<std::string>& files, const std::vector<NamedTensor>& outputs);

/// What a run of the model returned, under the names of its outputs.
std::vector<NamedTensor> named_outputs(const Model& model, Tensors tensors);

}  // namespace layerctl::cli
