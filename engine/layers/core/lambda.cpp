// Lambda: a function of the user. A custom-objects file gives it: by its name, or by the name of the layer where the
// file holds Python bytecode instead. Bytecode that nobody gives a meaning is decoded; it is never run.
#include "engine/bytecode/decode.hpp"
#include "engine/bytecode/stored_function.hpp"
#include "engine/expressions/trace.hpp"
#include "engine/heeds_call.hpp"
#include "engine/layer.hpp"
#include "engine/layers/custom/given_function.hpp"
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

/// Whether TensorFlow 1 may have computed the model: tf.keras up to TensorFlow 2.1 wrote "2.2.4-tf", Keras itself ran
/// on it up to 2.3.
bool may_be_tensorflow1(const std::string& keras_version) {
    if (keras_version.starts_with("3.") || keras_version == "2.3.0-tf") return false;
    const bool old = keras_version.size() < 4 || keras_version[3] == '.';
    return !keras_version.starts_with("2.") || (old && (keras_version.size() < 3 || keras_version[2] < '4'));
}

class Lambda final : public Layer, public HeedsCall, public expressions::Traceable {
    Value function;
    Value function_type;
    Value arguments;
    Value output_shape;
    std::shared_ptr<const TensorFunction> given;
    std::vector<std::string> changed;  // functions that TensorFlow 1 computed otherwise
    bool of_tensorflow1 = true;
    bool is_decoded = false;

    void config(ConfigIo& io) override {
        io.required("function", function);
        io.optional("function_type", function_type);
        for (const char* key : {"module", "output_shape_type", "output_shape_module"}) io.ignored(key);
        io.optional("arguments", arguments);
        io.optional("output_shape", output_shape);
        io.only("mask", nullptr);
        for (const char* key : {"mask_type", "mask_module"}) io.ignored(key);
        if (!function.is_null()) given = find(io.scope());
    }

    std::shared_ptr<const TensorFunction> find(const ConfigScope& scope) {
        const std::string& layer = context().name;
        const std::string type = function_type.string() == nullptr ? "" : *function_type.string();
        const auto stored = bytecode::stored_function(function, type);
        const std::optional<std::string> name = stored ? std::nullopt : name_of(function);
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
        if (!stored) fail(Code::config, "'function': wanted a function, found ", excerpt(function));
        return decoded(*stored, scope);
    }

    std::shared_ptr<const TensorFunction> decoded(const bytecode::StoredFunction& stored, const ConfigScope& scope) {
        const auto* user = dynamic_cast<const expressions::UserNames*>(scope.custom);
        bytecode::Decoded decoded = bytecode::decode({stored.bytes, stored.defaults, stored.captured, arguments, user});
        if (decoded.refusal) refuse(cat(name_of(decoded.refusal->category), ": ", decoded.refusal->reason));
        changed = std::move(decoded.changed);
        is_decoded = true;
        return custom::make_given_function(bytecode::function_of(decoded, user), Value(), scope.dialect);
    }

    [[noreturn]] void refuse(const std::string& reason) const {
        fail(Code::unsupported, "the function is Python bytecode, which is not run and not understood (", reason,
             "); a custom-objects file can say what it computes: {\"lambdas\": {\"", context().name, "\": \"…\"}}");
    }

    void written_by(const std::string& keras_version) override { of_tensorflow1 = may_be_tensorflow1(keras_version); }

    /// Keras 3 hands a list of one tensor over as such; Keras 2 does not tell it from the tensor.
    void check_call(const Call& call) const override {
        const bool of_one =
            call.args.size() == 1 && call.args[0].kind == Argument::Kind::list && call.args[0].items.size() == 1;
        if (is_decoded && of_one && context().dialect == Dialect::keras3) refuse("it is given a list of one tensor");
    }

    DType input_dtype(std::size_t, DType dtype) const override { return keep(dtype); }

    /// A JSON of Keras 3 does not say its version.
    void check_writer() const {
        if (context().dialect != Dialect::keras3 && of_tensorflow1 && !changed.empty())
            refuse(cat("TensorFlow 1 computed '", changed.front(), "' otherwise, and may have written the file"));
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        check_writer();
        return checked(given->shapes(in), in);
    }

    OutputSpec compute_output_spec(const Shapes& in, const DTypes& dtypes) const override {
        check_writer();
        OutputSpec spec = given->spec(in, dtypes);
        checked(spec.shapes, in);
        return spec;
    }

    expressions::Trace trace(const Shapes& in, const DTypes& dtypes) const override {
        const auto* function = dynamic_cast<const expressions::Traceable*>(given.get());
        if (function == nullptr) fail(Code::unsupported, "its function is that of a plug-in");
        return function->trace(in, dtypes);
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
