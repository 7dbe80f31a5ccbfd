// Sequential([Merge([left, right]), …]): the way to several inputs before there were functional models.
#include "models/error.hpp"
#include "models/keras1/keras1.hpp"
#include "models/limits.hpp"

namespace layerctl::keras1 {
namespace {

/// The models that a layer merges; nullptr if it is no such Merge.
const Value::Array* merged_by(const Value& layer) {
    const Value* class_name = layer.find("class_name");
    const Value* config = layer.find("config");
    if (class_name == nullptr || !(*class_name == Value("Merge")) || config == nullptr) return nullptr;
    const Value* models = config->find("layers");
    return models == nullptr ? nullptr : models->array();
}

/// Those that the first layer of a Sequential merges.
const Value::Array* branches_of(const Value& model) {
    const Value* config = model.find("config");
    const Value::Array* layers = config == nullptr ? nullptr : config->array();
    return layers == nullptr || layers->empty() ? nullptr : merged_by(layers->front());
}

Value reference(const std::string& layer) { return Value::array({layer, 0, 0}); }

/// Gathers the layers of all branches into the config of one functional model.
class Gathering {
public:
    Value::Array layers, inputs;

    /// Adds a model and returns the reference to its output.
    Value add(const Value& model, std::size_t depth) {
        if (depth > limits::model_depth) fail(Code::refused, "models merged more than ", limits::model_depth, " deep");
        const Value* config = model.find("config");
        if (config != nullptr && config->array() != nullptr) return add_stack(model, *config->array(), depth);
        return add_functional(config);
    }

private:
    Value add_stack(const Value& model, const Value::Array& stack, std::size_t depth) {
        if (stack.empty()) fail(Code::config, "wanted layers in a merged Sequential, found none");
        Value inbound = Value::Array{};
        if (const Value::Array* branches = branches_of(model)) {
            for (const Value& branch : *branches) inbound.array()->push_back(add(branch, depth + 1));
        } else {
            inbound.array()->push_back(add_input(stack.front()));
        }
        for (const Value& layer : stack) inbound = Value::array({append(layer, std::move(inbound))});
        return inbound.array()->front();
    }

    static const std::string& name_of(const Value& layer) {
        const Value* config = layer.find("config");
        const Value* name = config == nullptr ? nullptr : config->find("name");
        if (name == nullptr || name->string() == nullptr)
            fail(Code::unsupported, "wanted a layer with a name in a merged Sequential, found ", excerpt(layer));
        return *name->string();
    }

    /// The input that Keras adds before a first layer that states its shape.
    Value add_input(const Value& first) {
        const Value& config = *first.find("config");
        const std::string name = name_of(first) + "_input";
        Value fields = Value::object({{"name", name}});
        for (const char* key : {"batch_input_shape", "input_dtype"})
            if (const Value* value = config.find(key)) fields.set(key, *value);
        layers.push_back(Value::object({{"class_name", "InputLayer"},
                                        {"name", name},
                                        {"config", std::move(fields)},
                                        {"inbound_nodes", Value::Array{}}}));
        inputs.push_back(reference(name));
        return inputs.back();
    }

    Value append(const Value& layer, Value inbound) {
        const std::string name = name_of(layer);
        Value entry = layer;
        if (merged_by(layer) != nullptr) {
            Value merge = *layer.find("config");
            std::erase_if(*merge.object(), [](const auto& member) { return member.first == "layers"; });
            entry.set("config", std::move(merge));
        }
        entry.set("name", name);
        entry.set("inbound_nodes", Value::array({std::move(inbound)}));
        layers.push_back(std::move(entry));
        return reference(name);
    }

    Value add_functional(const Value* config) {
        const auto list = [&](const char* key) -> const Value::Array& {
            const Value* value = config == nullptr ? nullptr : config->find(key);
            if (value == nullptr || value->array() == nullptr)
                fail(Code::config, "wanted '", key, "' in a merged model, found none");
            return *value->array();
        };
        const Value::Array& outputs = list("output_layers");
        if (outputs.size() != 1) fail(Code::unsupported, "a merged model with ", outputs.size(), " outputs");
        for (const Value& layer : list("layers")) layers.push_back(layer);
        for (const Value& input : list("input_layers")) inputs.push_back(input);
        return outputs.front();
    }
};

}  // namespace

std::optional<Value> unmerged(const Value& model) {
    if (branches_of(model) == nullptr) return std::nullopt;
    Gathering all;
    const Value output = all.add(model, 0);
    const Value* name = model.find("name");
    return Value::object({{"class_name", "Model"},
                          {"config", Value::object({{"name", name == nullptr ? Value("sequential") : *name},
                                                    {"layers", std::move(all.layers)},
                                                    {"input_layers", std::move(all.inputs)},
                                                    {"output_layers", Value::array({output})}})}});
}

}  // namespace layerctl::keras1
