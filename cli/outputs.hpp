// Where the outputs of a prediction go.
#pragma once

#include "api/layerctl.hpp"
#include "cli/commands.hpp"

namespace layerctl::cli {

/// Code::usage if the files of `-o` cannot take these outputs; asked before anything is computed.
void check_output_files(const Predict& command, std::size_t outputs);

/// Writes them: one .npy each, or one .npz with all.
void write_outputs(const Predict& command, const std::vector<NamedTensor>& outputs);

}  // namespace layerctl::cli
