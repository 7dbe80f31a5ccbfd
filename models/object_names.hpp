// How Keras' savers name the objects of a model in files that follow the object tree (formats.md 3.1).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/custom_objects.hpp"
#include "models/model_spec.hpp"

namespace layerctl {

/// The Python class behind a name: files of Keras 3 name classes as Keras publishes them, which is not always the same.
std::string python_class(const std::string& class_name);

/// The same of a class that may be the user's; `registered_name` may be empty, `custom` null.
std::string python_class(const std::string& registered_name, const std::string& class_name,
                         const CustomObjects* custom);

/// Names in one list of objects: the class in snake case, made unique by a number: "dense", "dense_1".
class ObjectNames {
public:
    std::string next(const std::string& class_name);

private:
    std::map<std::string, std::size_t> used_;
};

/// The place of the object so named in a list of serialized ones; none if it is not there or what stands before it is
/// no serialized object.
std::optional<std::size_t> place_of(std::string_view name, const Value::Array& objects);

/// Names of `model.layers` in that list, parallel to it; `custom` may be null. Those for which `twice` holds are met
/// twice and named at first sight, as Keras 2.12 and 2.13 do with layers that have weights; empty: none.
std::vector<std::string> layer_object_names(const ModelSpec& model, const CustomObjects* custom,
                                            const std::vector<bool>& twice = {});

/// "a/b", or the one of them that is not empty.
std::string join_path(const std::string& path, const std::string& name);

}  // namespace layerctl
