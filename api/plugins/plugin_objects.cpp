#include "api/plugins/plugin_objects.hpp"

#include <algorithm>

#include "api/plugins/border.hpp"
#include "api/plugins/definitions.hpp"
#include "api/plugins/library.hpp"
#include "api/plugins/plugin_layer.hpp"

namespace layerctl::plugins {
namespace {

/// y = f(x): dtype and shape stay.
class PluginFunction final : public TensorFunction {
public:
    explicit PluginFunction(std::shared_ptr<const ActivationDefinition> definition)
        : definition_(std::move(definition)) {}

    Shapes shapes(const Shapes& in) const override { return {only(in)}; }

    OutputSpec spec(const Shapes& in, const DTypes& dtypes) const override { return {{only(in)}, {only(dtypes)}}; }

    Tensors call(const Tensors& x) const override {
        const Tensor& in = only(x);
        Tensor y = Tensor::uninitialized(in.dtype(), in.shape());
        const layerctl_tensor from = tensor_of(in);
        layerctl_tensor to = writable_tensor_of(y);
        cross("call", [&](layerctl_error* error) { return definition_->table.call(&from, &to, error); });
        return {y};
    }

private:
    template <class T>
    static const T& only(const std::vector<T>& given) {
        if (given.size() != 1)
            fail(Code::unsupported, "a function of a plug-in takes one tensor, found ", given.size());
        return given.front();
    }

    std::shared_ptr<const ActivationDefinition> definition_;
};

class PluginObjects final : public CustomObjects {
public:
    explicit PluginObjects(Definitions definitions) : definitions_(std::move(definitions)) {}

    std::shared_ptr<const TensorFunction> function(const std::string& name, const Value& arguments,
                                                   Dialect) const override {
        const auto definition = find(definitions_.activations, name);
        if (definition == nullptr) return nullptr;
        if (arguments.object() != nullptr && !arguments.object()->empty())
            fail(Code::unsupported, "function '", name, "' of a plug-in takes no arguments, found ",
                 excerpt(arguments));
        return std::make_shared<PluginFunction>(definition);
    }

    std::shared_ptr<const TensorFunction> lambda(const std::string&, const Value&, Dialect) const override {
        return nullptr;
    }

    std::unique_ptr<Layer> layer(const std::string& class_name) const override {
        const auto definition = find(definitions_.classes, class_name);
        if (definition == nullptr) return nullptr;
        return definition->table.kind == LAYERCTL_CELL ? make_plugin_cell(definition) : make_plugin_layer(definition);
    }

    Value presets(const std::string&) const override { return {}; }

    std::string python_class(const std::string&) const override { return {}; }

    std::vector<std::string> layer_names() const override { return names_of(definitions_.classes); }
    std::vector<std::string> function_names() const override { return names_of(definitions_.activations); }

private:
    template <class Definition>
    static std::shared_ptr<const Definition> find(const std::vector<std::shared_ptr<const Definition>>& definitions,
                                                  const std::string& name) {
        const auto found = std::find_if(definitions.begin(), definitions.end(),
                                        [&](const auto& definition) { return definition->name == name; });
        return found == definitions.end() ? nullptr : *found;
    }

    template <class Definition>
    static std::vector<std::string> names_of(const std::vector<std::shared_ptr<const Definition>>& definitions) {
        std::vector<std::string> names;
        for (const auto& definition : definitions) names.push_back(definition->name);
        return names;
    }

    Definitions definitions_;
};

}  // namespace

std::shared_ptr<const CustomObjects> load_plugin(const std::filesystem::path& path) {
    return in_context(path.string(), [&]() -> std::shared_ptr<const CustomObjects> {
        return std::make_shared<PluginObjects>(read_definitions(load_library(path)));
    });
}

}  // namespace layerctl::plugins
