// CustomObjects: what a user says the classes and functions compute that a model file only names.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/dialect.hpp"
#include "models/output_spec.hpp"
#include "models/tensor.hpp"
#include "models/value.hpp"

namespace layerctl {

class Layer;  // engine/layer.hpp

/// A function of tensors, as a Lambda layer or an activation calls it; its other arguments have their values.
class TensorFunction {
public:
    virtual ~TensorFunction() = default;

    /// Shapes of the results; dimensions may be unknown.
    virtual Shapes shapes(const Shapes& in) const = 0;

    /// Shapes and dtypes of the results for inputs of these logical dtypes.
    virtual OutputSpec spec(const Shapes& in, const DTypes& dtypes) const = 0;

    /// The results. Half precisions travel as float32.
    virtual Tensors call(const Tensors& x) const = 0;
};

/// Names are those of the model file: "package>Name" or "Name". A name that is not defined gives nullptr.
class CustomObjects {
public:
    virtual ~CustomObjects() = default;

    /// The function of that name; `arguments` is an object with values for what is no tensor, or null.
    virtual std::shared_ptr<const TensorFunction> function(const std::string& name, const Value& arguments,
                                                           Dialect dialect) const = 0;

    /// The function given for the Lambda layer of that name, whose file does not name one.
    virtual std::shared_ptr<const TensorFunction> lambda(const std::string& layer, const Value& arguments,
                                                         Dialect dialect) const = 0;

    /// A new layer or cell of that class.
    virtual std::unique_ptr<Layer> layer(const std::string& class_name) const = 0;

    /// The config values that an alias of another class stands for, an object; null for anything else.
    virtual Value presets(const std::string& class_name) const = 0;

    /// The name of that class in Python, where it is known to differ from the one it is registered under; or empty.
    virtual std::string python_class(const std::string& class_name) const = 0;

    /// What is defined, for suggestions.
    virtual std::vector<std::string> layer_names() const = 0;
    virtual std::vector<std::string> function_names() const = 0;
};

/// What reading a config depends on beside the config: the version that wrote it, and what the user added.
struct ConfigScope {
    Dialect dialect = Dialect::keras2;
    const CustomObjects* custom = nullptr;  // lives as long as the layers read with it

    ConfigScope(Dialect version, const CustomObjects* objects = nullptr) : dialect(version), custom(objects) {}
    operator Dialect() const { return dialect; }
};

}  // namespace layerctl
