#include "engine/registry.hpp"

#include <algorithm>

#include "engine/layer.hpp"
#include "models/error.hpp"

namespace layerctl {
namespace {

constinit const LayerRegistration* first_registration = nullptr;

}  // namespace

LayerRegistration::LayerRegistration(const char* name, Make maker) noexcept
    : class_name(name), make(maker), next(first_registration) {
    first_registration = this;
}

std::unique_ptr<Layer> make_layer(std::string_view class_name) {
    for (const LayerRegistration* entry = first_registration; entry != nullptr; entry = entry->next)
        if (entry->class_name == class_name) return entry->make();
    return nullptr;
}

std::vector<std::string> registered_layers() {
    std::vector<std::string> names;
    for (const LayerRegistration* entry = first_registration; entry != nullptr; entry = entry->next)
        names.emplace_back(entry->class_name);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) fail(Code::internal, "layer class '", *twice, "' is registered twice");
    return names;
}

}  // namespace layerctl
