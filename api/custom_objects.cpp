#include "api/custom_objects.hpp"

#include <map>

#include "api/plugins/plugin_objects.hpp"
#include "engine/custom_objects.hpp"
#include "engine/expressions/user_names.hpp"
#include "engine/layer.hpp"
#include "formats/bytes.hpp"
#include "formats/json/text.hpp"

namespace layerctl {
namespace {

struct Source {
    std::string name;
    std::shared_ptr<const CustomObjects> objects;
};

/// No name is in two sources, so their order means nothing.
class SeveralSources final : public CustomObjects, public expressions::UserNames {
public:
    explicit SeveralSources(std::vector<Source> sources) : sources_(std::move(sources)) {
        layers_ = owners("class", &CustomObjects::layer_names);
        functions_ = owners("function", &CustomObjects::function_names);
    }

    std::shared_ptr<const TensorFunction> function(const std::string& name, const Value& arguments,
                                                   Dialect dialect) const override {
        const CustomObjects* owner = owner_of(name, functions_);
        return owner == nullptr ? nullptr : owner->function(name, arguments, dialect);
    }

    std::shared_ptr<const TensorFunction> lambda(const std::string& layer, const Value& arguments,
                                                 Dialect dialect) const override {
        for (const Source& source : sources_)
            if (auto found = source.objects->lambda(layer, arguments, dialect)) return found;
        return nullptr;
    }

    std::optional<Value> constant(const std::string& name) const override {
        for (const Source& source : sources_)
            if (const auto* names = dynamic_cast<const expressions::UserNames*>(source.objects.get()))
                if (std::optional<Value> value = names->constant(name)) return value;
        return std::nullopt;
    }

    std::shared_ptr<const expressions::UserFunction> user_function(const std::string& name) const override {
        for (const Source& source : sources_)
            if (const auto* names = dynamic_cast<const expressions::UserNames*>(source.objects.get()))
                if (auto function = names->user_function(name)) return function;
        return nullptr;
    }

    std::unique_ptr<Layer> layer(const std::string& class_name) const override {
        const CustomObjects* owner = owner_of(class_name, layers_);
        return owner == nullptr ? nullptr : owner->layer(class_name);
    }

    std::string python_class(const std::string& class_name) const override {
        const CustomObjects* owner = owner_of(class_name, layers_);
        return owner == nullptr ? std::string() : owner->python_class(class_name);
    }

    Value presets(const std::string& class_name) const override {
        const CustomObjects* owner = owner_of(class_name, layers_);
        return owner == nullptr ? Value() : owner->presets(class_name);
    }

    std::vector<std::string> layer_names() const override { return names_of(layers_); }
    std::vector<std::string> function_names() const override { return names_of(functions_); }

private:
    using Owners = std::map<std::string, const Source*>;

    Owners owners(const char* what, std::vector<std::string> (CustomObjects::*names)() const) const {
        Owners owners;
        for (const Source& source : sources_)
            for (const std::string& name : (*source.objects.*names)())
                if (const auto [owner, is_new] = owners.emplace(name, &source); !is_new)
                    fail(Code::config, what, " '", name, "' is defined twice: by ", owner->second->name, " and by ",
                         source.name);
        return owners;
    }

    static const CustomObjects* owner_of(const std::string& name, const Owners& owners) {
        const auto found = owners.find(name);
        return found == owners.end() ? nullptr : found->second->objects.get();
    }

    static std::vector<std::string> names_of(const Owners& owners) {
        std::vector<std::string> names;
        for (const auto& owner : owners) names.push_back(owner.first);
        return names;
    }

    std::vector<Source> sources_;
    Owners layers_, functions_;
};

void add_file(const LoadOptions& options, std::vector<Source>& sources) {
    const bool in_file = !options.custom_objects.empty(), in_text = !options.custom_objects_json.empty();
    if (in_file && in_text) fail(Code::usage, "custom objects are given as a file and as text");
    if (!in_file && !in_text) return;
    const std::string name = in_file ? options.custom_objects.string() : "custom objects";
    const Config document = in_context(name, [&] {
        return formats::parse_json(in_file ? formats::read_file(options.custom_objects) : options.custom_objects_json);
    });
    sources.push_back({name, parse_custom_objects(document, name)});
}

}  // namespace

std::shared_ptr<const CustomObjects> read_custom_objects(const LoadOptions& options) {
    std::vector<Source> sources;
    add_file(options, sources);
    for (const std::filesystem::path& path : options.plugins)
        sources.push_back({path.string(), plugins::load_plugin(path)});
    if (sources.empty()) return nullptr;
    if (sources.size() == 1) return sources.front().objects;
    return std::make_shared<SeveralSources>(std::move(sources));
}

}  // namespace layerctl
