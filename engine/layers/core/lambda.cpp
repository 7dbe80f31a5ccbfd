// Lambda: a function of the user, which a custom-objects file gives: by its name, or by the name of the layer where the
// file holds Python bytecode instead.
#include "engine/layer.hpp"
#include "models/suggest.hpp"

namespace layerctl {
namespace {

bool has_class(const Value& value, std::string_view name) {
    const Value* class_name = value.find("class_name");
    return class_name != nullptr && class_name->string() != nullptr && *class_name->string() == name;
}

/// The function's name, if the file names it: "power" in Keras 2, {"class_name": "function", "config": "power"} in 3.
std::optional<std::string> name_of(const Value& function) {
    if (function.string() != nullptr) return *function.string();
    const Value* config = function.find("config");
    if (has_class(function, "function") && config != nullptr && config->string() != nullptr) return *config->string();
    return std::nullopt;
}

/// Keras 2 writes numpy arrays as {"type": "ndarray", "value": […]}.
Value plain_arguments(const Value& arguments) {
    Value plain = Value::Object{};
    if (arguments.object() == nullptr) return plain;
    for (const auto& [name, value] : *arguments.object()) {
        const Value* type = value.find("type");
        const Value* items = value.find("value");
        const bool is_array = type != nullptr && *type == Value("ndarray") && items != nullptr;
        plain.set(name, is_array ? *items : value);
    }
    return plain;
}

class Lambda final : public Layer {
    Value function;
    Value arguments;
    Value output_shape;
    std::shared_ptr<const TensorFunction> given;

    void config(ConfigIo& io) override {
        io.required("function", function);
        for (const char* key : {"function_type", "module", "output_shape_type", "output_shape_module"}) io.ignored(key);
        io.optional("arguments", arguments);
        io.optional("output_shape", output_shape);
        io.only("mask", nullptr);
        for (const char* key : {"mask_type", "mask_module"}) io.ignored(key);
        if (!function.is_null()) given = find(io.scope());
    }

    std::shared_ptr<const TensorFunction> find(const ConfigScope& scope) const {
        const std::string& layer = context().name;
        const std::optional<std::string> name = name_of(function);
        const Value values = plain_arguments(arguments);
        if (scope.custom != nullptr) {
            if (auto found = scope.custom->lambda(layer, values, scope.dialect)) return found;
            if (name)
                if (auto found = scope.custom->function(*name, values, scope.dialect)) return found;
        }
        if (name)
            fail(Code::unsupported, "the file only names the function '", *name,
                 "'; a custom-objects file can say what it computes: {\"functions\": {\"", *name, "\": \"…\"}}",
                 scope.custom == nullptr ? "" : did_you_mean(*name, scope.custom->function_names()));
        fail(Code::unsupported,
             "the function is Python bytecode, which is not run; a custom-objects file can say what it computes: "
             "{\"lambdas\": {\"",
             layer, "\": \"…\"}}");
    }

    DType input_dtype(std::size_t, DType dtype) const override { return keep(dtype); }

    Shapes compute_output_shape(const Shapes& in) const override { return checked(given->shapes(in), in); }

    OutputSpec compute_output_spec(const Shapes& in, const DTypes& dtypes) const override {
        OutputSpec spec = given->spec(in, dtypes);
        checked(spec.shapes, in);
        return spec;
    }

    /// A shape in the config must be the one the function has; functions in its place only say the same again.
    Shapes checked(Shapes shapes, const Shapes& in) const {
        std::vector<std::int64_t> dims;
        if (!ConfigField<std::vector<std::int64_t>>::read(output_shape, dims, context().dialect)) return shapes;
        dims.insert(dims.begin(), in[0].front());
        require(shapes.size() == 1 && shapes[0].is_compatible_with(Shape(dims)), "'output_shape' announces ",
                Shape(dims), ", the function returns ", shapes);
        return shapes;
    }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        const Tensors results = given->call(x);
        require(results.size() == y.size(), "wanted ", y.size(), " outputs, found ", results.size());
        for (std::size_t i = 0; i < y.size(); ++i) {
            if (results[i].dtype() != y[i].dtype() || results[i].shape() != y[i].shape())
                fail(Code::unsupported, "the function returns ", results[i].dtype(), results[i].shape(), ", wanted ",
                     y[i].dtype(), y[i].shape());
            y[i] = results[i];
        }
    }
};

LAYERCTL_REGISTER_LAYER(Lambda);

}  // namespace
}  // namespace layerctl
