// What a custom-objects file defines, read and bound: layers, cells and functions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/expressions/program.hpp"
#include "engine/initializer.hpp"

namespace layerctl::custom {

using Parameters = std::vector<std::pair<std::string, Value>>;  // name, default; null: must be in the model file

struct WeightDefinition {
    std::string name;
    expressions::Program shape;  // a sequence of dimensions
    Initializer initializer;
    bool trainable = true;
    std::optional<DType> dtype;
};

struct PartDefinition {
    std::string name;
    Value envelope;  // {"class_name", "config"}; "$name" stands for a config value
};

struct StateDefinition {
    std::string name;
    expressions::Program shape;  // without the batch
};

/// A layer or a cell. The variables of its programs are the inputs (in `call` of a cell, then "states" and the states);
/// the attributes of the shapes are the config values, those of `call` the weights and then the config values.
struct LayerDefinition {
    std::string python_class;  // or empty: as registered
    std::vector<std::string> inputs;
    Parameters config;
    std::vector<std::string> ignored;
    std::vector<WeightDefinition> weights;
    std::vector<PartDefinition> parts;
    std::vector<StateDefinition> states;
    std::optional<expressions::Program> output_size;  // cells
    std::optional<expressions::Program> call;         // absent in an alias
    bool passes_mask = false;
    bool is_cell = false;
    std::optional<PartDefinition> alias;
};

}  // namespace layerctl::custom
