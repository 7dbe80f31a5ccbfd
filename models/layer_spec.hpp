// LayerSpec: one layer as a file describes it — class, config, and where its inputs come from.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/config.hpp"

namespace layerctl {

struct ModelSpec;

/// The output `tensor` of call number `node` (0-based, as in memory) of the layer at index `layer` of the same model.
struct TensorRef {
    std::size_t layer = 0;
    std::size_t node = 0;
    std::size_t tensor = 0;

    friend bool operator==(const TensorRef&, const TensorRef&) = default;
};

/// What a layer call receives in one place: a tensor, a constant, or a list or dict of those.
struct Argument {
    enum class Kind { tensor, constant, list, dict };

    Kind kind = Kind::constant;
    TensorRef tensor;
    Value constant;
    std::vector<Argument> items;    // list, dict
    std::vector<std::string> keys;  // dict

    /// Every tensor inside, depth first.
    std::vector<TensorRef> tensors() const;
};

/// One call of a layer.
struct Call {
    std::vector<Argument> args;
    std::vector<std::pair<std::string, Argument>> kwargs;

    /// The argument given by that name; nullptr if there is none.
    const Argument* kwarg(std::string_view name) const;

    /// Every tensor of args, then of kwargs.
    std::vector<TensorRef> tensors() const;
};

struct LayerSpec {
    std::string class_name;       // "Conv2D"; package prefixes stay in registered_name
    std::string registered_name;  // "package>Name", or empty
    std::string module;           // or empty
    std::string name;
    Config config;
    Value build_config;                      // null if absent
    std::vector<Call> calls;                 // in the order Keras recorded them; empty for inputs
    std::shared_ptr<const ModelSpec> model;  // the nested model, if this layer is one
    bool implicit = false;                   // an InputLayer that the file leaves out and Keras adds

    /// `config.trainable`, true if absent.
    bool trainable() const;
};

/// "layer 'conv1' (Conv2D)", the frame under which problems of a layer are reported.
std::string layer_frame(const LayerSpec& layer);

}  // namespace layerctl
