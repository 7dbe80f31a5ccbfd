// The list of layer classes layerctl knows; each layer file adds itself on its last line.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace layerctl {

class Layer;

/// One registered class name. Objects of this type are static and link themselves into a list that is read-only
/// after static initialisation.
class LayerRegistration {
public:
    using Make = std::unique_ptr<Layer> (*)();

    LayerRegistration(const char* class_name, Make make) noexcept;

    const char* class_name;
    Make make;
    const LayerRegistration* next;
};

/// A new layer of that class; nullptr if none is registered under the name.
std::unique_ptr<Layer> make_layer(std::string_view class_name);

/// The node of an operation of Keras 3 (class Mean of module keras.src.ops.numpy); nullptr if the ops table has none of
/// that name.
std::unique_ptr<Layer> make_operation(std::string_view class_name);

/// Every registered class name, sorted. A name registered twice is Code::internal.
std::vector<std::string> registered_layers();

/// Code::unsupported naming the operation and the nearest known names.
[[noreturn]] void fail_unknown_operation(std::string_view class_name);

}  // namespace layerctl

/// Makes a default-constructible Layer class known under its own name. Aliases: LAYERCTL_REGISTER_ALIAS.
#define LAYERCTL_REGISTER_LAYER(Class) LAYERCTL_REGISTER_ALIAS(Class, Class)

/// Makes it known under a further Keras name: LAYERCTL_REGISTER_ALIAS(MaxPooling2D, MaxPool2D).
#define LAYERCTL_REGISTER_ALIAS(Class, Name)                    \
    const ::layerctl::LayerRegistration registration_of_##Name( \
        #Name, []() -> std::unique_ptr<::layerctl::Layer> { return std::make_unique<Class>(); })
