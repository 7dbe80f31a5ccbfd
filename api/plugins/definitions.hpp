// What a plug-in brings, checked: classes and activations that hold their library.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/plugin.h"
#include "models/value.hpp"

namespace layerctl::plugins {

struct ClassDefinition {
    std::shared_ptr<const layerctl_plugin> library;  // keeps the callbacks loaded
    layerctl_class table{};
    std::string name;
    std::vector<std::string> inputs;
    Value::Object config;  // key, default; null: must be in the model file
    std::vector<std::string> ignored;
};

struct ActivationDefinition {
    std::shared_ptr<const layerctl_plugin> library;
    layerctl_activation table{};
    std::string name;
};

struct Definitions {
    std::vector<std::shared_ptr<const ClassDefinition>> classes;
    std::vector<std::shared_ptr<const ActivationDefinition>> activations;
};

/// A table of another ABI, or with members that only a newer layerctl knows: Code::unsupported. Everything else wrong
/// with it is thrown together; null callbacks and malformed texts are Code::config.
Definitions read_definitions(const std::shared_ptr<const layerctl_plugin>& library);

}  // namespace layerctl::plugins
