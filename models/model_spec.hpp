// ModelSpec: a model as a file describes it — layers, wiring, weights and metadata; complete, and nothing computed.
#pragma once

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
    std::string writer() const { return keras_version.empty() ? "an unknown Keras" : "Keras " + keras_version; }
};

struct ModelSpec {
    ModelKind kind = ModelKind::functional;
    std::string class_name;  // "Sequential", "Functional", "Model"
    std::string name;
    Config config;  // the model's own config object
    Dialect dialect = Dialect::keras2;

    /// In the order of the config, which is the order of the weights. A Sequential lists its InputLayer if the file does.
    std::vector<LayerSpec> layers;

    /// `config.input_layers`, `config.output_layers`: a tensor, a list or a dict. For a Sequential, one tensor each.
    Argument inputs;
    Argument outputs;

    /// Sequential only: the shape with batch it was built for, where no layer says it.
    std::vector<std::int64_t> build_input_shape;

    WeightStore weights;
    Metadata metadata;
};

/// Reads the `{"class_name": …, "config": …}` envelope of a model. Every structural problem (unknown layer names,
/// cycles, indices out of range, duplicate names) is reported, Code::format or Code::config.
/// `dialect` decides what keys mean where they changed; see formats.md 5.
ModelSpec parse_model(const Config& envelope, Dialect dialect);

/// True if the class is itself a model: Sequential, Functional, Model.
bool is_model_class(const std::string& class_name);

/// Layer indices such that every layer call comes after what it reads. Calls, not layers, are the unit:
/// a shared layer appears once per call.
struct CallRef {
    std::size_t layer = 0;
    std::size_t node = 0;
};
std::vector<CallRef> execution_order(const ModelSpec& model);

/// Index of the layer of that name; Code::config if there is none.
std::size_t layer_index(const ModelSpec& model, const std::string& name);

}  // namespace layerctl
