// The way out of the formats: a model and its weights become the bytes of a file.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/output_file.hpp"
#include "formats/saving.hpp"

namespace layerctl::formats {

/// What a file of that name is; Code::usage if the ending says nothing.
FileKind kind_of_name(std::string_view name);

/// How a kind of file wants weights laid out; none if it holds no weights.
WeightLayout layout_of(FileKind kind);

/// A kind that depends on the version of Keras that it is for.
bool is_of_keras(FileKind kind);

/// A kind that is a folder of several files.
bool is_folder(FileKind kind);

/// Its files by name, in the order to write them. As `write_model`; `inputs` are the shapes of the layers' first
/// inputs, as far as they are known.
std::vector<std::pair<std::string, std::string>> write_folder(const ModelSpec& model, const WeightStore& weights,
                                                              const std::map<const LayerSpec*, Shape>& inputs,
                                                              Saving& saving);

/// A file. `weights` must be laid out as the kind wants. Those that know their file are written with all
/// that is in it; otherwise the model is written without losses, metrics and optimizer: not compiled. What a kind of
/// file cannot hold is Code::unsupported.
void write_model(const ModelSpec& model, const WeightStore& weights, Saving& saving, OutputFile& file);

}  // namespace layerctl::formats
