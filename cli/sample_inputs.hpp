// What `bench` and `profile` run a model on: arrays from files, or numbers drawn in the shapes the model declares.
#pragma once

#include <cstdint>
#include <optional>

#include "api/layerctl.hpp"
#include "cli/commands.hpp"

namespace layerctl::cli {

/// One tensor per input, in model order; drawn where no files are named, the same in every run. A size that neither
/// the model nor `samples` states: Code::usage, which says what to give.
/// `--batch` beside arrays: Code::usage.
Tensors sample_inputs(const Samples& samples, std::optional<std::int64_t> batch, const std::vector<TensorInfo>& inputs);

std::vector<Shape> shapes_of(const Tensors& tensors);

/// Of the first one; nothing if there is none, or no batch axis.
std::optional<std::int64_t> rows_of(const Tensors& tensors);

}  // namespace layerctl::cli
