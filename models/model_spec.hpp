// ModelSpec: a model as a file describes it — layers, wiring, weights and metadata; complete, and nothing computed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/config.hpp"
#include "models/dialect.hpp"
#include "models/layer_spec.hpp"
#include "models/weight_store.hpp"

namespace layerctl {

enum class ModelKind { sequential, functional };

/// What came with the model beside its layers. Fields of a JSON without them stay empty.
struct Metadata {
    std::string variant;        // "h5", "json", "code"
    std::string keras_version;  // "2.15.0"
    std::string backend;
    std::string training_config;  // JSON text, or empty
    bool lost_training = false;   // it had one, in the terms of another Keras
    std::map<std::string, std::string> texts = {};  // members of an archive beside config and weights, by name
    std::vector<std::string> unknown_members = {};  // of an archive; nobody reads them
    std::string writer() const { return keras_version.empty() ? "an unknown Keras" : "Keras " + keras_version; }
};

/// The file says how the model was trained.
inline bool is_compiled(const Metadata& metadata) { return !metadata.training_config.empty(); }

struct ModelSpec {
    ModelKind kind = ModelKind::functional;
    std::string class_name;  // "Sequential", "Functional", "Model"
    std::string name;
    Config config;  // the model's own config object
    Dialect dialect = Dialect::keras2;

    /// In the order of the config, which is the order of the weights. A Sequential always begins with an InputLayer;
    /// it is marked implicit if the file leaves it out.
    std::vector<LayerSpec> layers;

    /// `config.input_layers`, `config.output_layers`: a tensor, a list or a dict. For a Sequential, one tensor each.
    Argument inputs;
    Argument outputs;

    WeightStore weights;
    Metadata metadata;
};

/// Reads the `{"class_name": …, "config": …}` envelope of a model. Every structural problem (unknown layer names,
/// cycles, indices out of range, duplicate names) is reported, Code::format or Code::config.
/// `dialect` decides what keys mean where they changed; see formats.md 5.
ModelSpec parse_model(const Config& envelope, Dialect dialect);

/// True if the class is itself a model: Sequential, Functional, Model.
bool is_model_class(const std::string& class_name);

/// One call of a layer of a model.
struct CallRef {
    std::size_t layer = 0;
    std::size_t node = 0;
};

/// Every call (an InputLayer counts as one), each after those it reads from, else in the order of the config.
/// A cycle is Code::format.
std::vector<CallRef> execution_order(const ModelSpec& model);

}  // namespace layerctl
