#include "models/object_names.hpp"

#include "models/snake_case.hpp"

namespace layerctl {

std::string python_class(const std::string& class_name) {
    return class_name == "GroupQueryAttention" ? "GroupedQueryAttention" : class_name;
}

std::string python_class(const std::string& registered_name, const std::string& class_name,
                         const CustomObjects* custom) {
    for (const std::string* name : {&registered_name, &class_name}) {
        const std::string given = custom == nullptr ? std::string() : custom->python_class(*name);
        if (!given.empty()) return given;
    }
    return python_class(class_name);
}

std::string ObjectNames::next(const std::string& class_name) {
    const std::string name = snake_case(python_class(class_name));
    const std::size_t before = used_[name]++;
    return before == 0 ? name : name + "_" + std::to_string(before);
}

std::optional<std::size_t> place_of(std::string_view name, const Value::Array& objects) {
    ObjectNames names;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        const Value* class_name = objects[i].find("class_name");
        if (class_name == nullptr || class_name->string() == nullptr || objects[i].find("config") == nullptr) break;
        if (names.next(*class_name->string()) == name) return i;
    }
    return std::nullopt;
}

// Sequential leaves its InputLayer out; no other layer shares its name, so it may count all the same.
std::vector<std::string> layer_object_names(const ModelSpec& model, const CustomObjects* custom,
                                            const std::vector<bool>& twice) {
    ObjectNames names;
    std::vector<std::string> all;
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        const LayerSpec& layer = model.layers[i];
        const std::string class_name = python_class(layer.registered_name, layer.class_name, custom);
        all.push_back(names.next(class_name));
        if (!twice.empty() && twice[i]) names.next(class_name);
    }
    return all;
}

std::string join_path(const std::string& path, const std::string& name) {
    if (path.empty() || name.empty()) return path + name;
    return path + "/" + name;
}

}  // namespace layerctl
