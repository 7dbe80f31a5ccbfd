// A whole model: its layers, their calls, the models in it.
#include <algorithm>
#include <set>

#include "models/dialects/parts.hpp"

namespace layerctl::dialects {
namespace {

/// Layers made for floats: of integers, the two versions make numbers of different dtypes.
constexpr std::string_view for_floats =
    "BatchNormalization GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GroupNormalization "
    "LayerNormalization Resizing UnitNormalization UpSampling2D";

/// Slopes of integers and limits together: Keras 3 multiplies in integers then.
bool is_limited_slope(const Value& relu) {
    const auto is_set = [&](std::string_view key) {
        const Value* value = relu.find(key);
        return value != nullptr && !value->is_null() && *value != Value(0) && *value != Value(0.0);
    };
    return is_set("negative_slope") && (is_set("max_value") || is_set("threshold"));
}

bool is_for_floats(const std::string& class_name, const Value& config) {
    const Value *wrapped = config.find("layer"), *interpolation = config.find("interpolation");
    if (class_name == "TimeDistributed" && wrapped != nullptr) {
        const Value *name = wrapped->find("class_name"), *inner = wrapped->find("config");
        return name != nullptr && name->string() != nullptr && inner != nullptr &&
               is_for_floats(*name->string(), *inner);
    }
    if (class_name == "UpSampling2D" && interpolation == nullptr) return false;
    if (interpolation != nullptr && *interpolation == Value("nearest")) return false;
    if (class_name == "ReLU") return is_limited_slope(config);
    return is_one_of(class_name, for_floats);
}

bool is_integer(const TensorFacts& tensor) { return tensor.dtype.find("int") != std::string::npos; }

void require_floats(const ModelSpec& model, const LayerSpec& layer, const Task& task) {
    if (!is_for_floats(layer.class_name, layer.config.value())) return;
    for (const TensorFacts& input : input_facts(model, layer, task))
        if (is_integer(input)) fail(Code::unsupported, "Keras 2 and 3 compute it otherwise of ", input.dtype, "s");
}

/// Keras 2 casts no integers for these, and not one input to the dtype of the other.
constexpr std::string_view recurrent = "Bidirectional ConvLSTM1D ConvLSTM2D ConvLSTM3D GRU LSTM RNN SimpleRNN";
constexpr std::string_view merging = "Add Average Dot Maximum Minimum Multiply Subtract";
constexpr std::string_view of_floats = "exponential tanh";

void require_floats_of_keras2(const ModelSpec& model, const LayerSpec& layer, const Task& task) {
    const std::vector<TensorFacts> inputs = input_facts(model, layer, task);
    if (std::ranges::none_of(inputs, is_integer)) return;
    const bool is_function =
        layer.class_name == "Activation" && is_one_of(layer.config.value().string_at("activation"), of_floats);
    if (is_function || is_one_of(layer.class_name, recurrent))
        fail(Code::unsupported, "Keras 2 computes it of no integers");
    if (!std::ranges::all_of(inputs, is_integer) && is_one_of(layer.class_name, merging))
        fail(Code::unsupported, "Keras 2 computes it of no integers and floats together");
}

/// Keras 2 takes further axes in front of an image as more of the batch.
void require_plain_images(const ModelSpec& model, const LayerSpec& layer, const Task& task) {
    constexpr std::pair<std::string_view, std::size_t> ranks[] = {{"Conv1D", 3}, {"Conv2D", 4}, {"Conv3D", 5}};
    for (const auto& [class_name, rank] : ranks) {
        if (layer.class_name != class_name) continue;
        for (const TensorFacts& input : input_facts(model, layer, task)) {
            const std::size_t axes = input.shape.array()->size();
            if (axes != 0 && axes != rank)
                fail(Code::unsupported, "its input has ", axes, " axes, Keras 3 wants ", rank);
        }
    }
}

/// Keras 3 makes no model of an input that no output hangs on.
void require_connected_inputs(const ModelSpec& model) {
    std::set<std::size_t> reached;
    std::vector<std::size_t> open;
    const auto reach = [&](const std::vector<TensorRef>& references) {
        for (const TensorRef& reference : references)
            if (reached.insert(reference.layer).second) open.push_back(reference.layer);
    };
    reach(model.outputs.tensors());
    while (!open.empty()) {
        const LayerSpec& layer = model.layers[open.back()];
        open.pop_back();
        for (const Call& call : layer.calls) reach(call.tensors());
    }
    for (const TensorRef& input : model.inputs.tensors())
        if (reached.count(input.layer) == 0)
            fail(Code::unsupported, "no output hangs on its input '", model.layers[input.layer].name,
                 "', as Keras 3 wants it");
}

/// TensorFlow takes the name of a layer that is called for that of a scope.
void require_scope_name(const std::string& name) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const auto fits = [&](char c) {
        return is_plain(c) || std::string_view("_.\\/>-").find(c) != std::string_view::npos;
    };
    const bool begins = !name.empty() && (is_plain(name[0]) || name[0] == '.');
    if (!begins || !std::all_of(name.begin(), name.end(), fits))
        fail(Code::unsupported,
             "Keras 2 takes no such name; wanted letters, digits and _.\\/>-, first a letter, a digit or '.'");
}

class Translator {
public:
    explicit Translator(const Task& task) : task_(task) {}

    /// {"class_name", "config"} of a model.
    Value model(const ModelSpec& model, bool inside) {
        if (!is_model_class(model.class_name))
            fail(Code::unsupported, "a model of the class '", model.class_name, "' is not translated");
        if (task_.to_keras3()) require_connected_inputs(model);
        const bool is_sequential = model.kind == ModelKind::sequential;
        Value::Array layers;
        for (const std::size_t place : layer_order(model)) {
            const LayerSpec& layer = model.layers[place];
            if (layer.implicit && !states_shape(layer)) continue;
            problems_.attempt([&] {
                in_context(layer_frame(layer), [&] { layers.push_back(entry(model, layer, !is_sequential)); });
            });
        }
        Value config = Value::object({{"name", model.name}});
        if (!is_sequential || task_.to_keras3()) config.set("trainable", own_flag(model));
        config.set("layers", layers);
        if (!is_sequential) {
            config.set("input_layers", references(model, model.inputs, task_));
            config.set("output_layers", references(model, model.outputs, task_));
        }
        Value out = Value::object({{"class_name", is_sequential ? "Sequential" : "Functional"}, {"config", config}});
        if (inside && task_.to_keras3()) {
            out.set("module", is_sequential ? "keras" : "keras.src.models.functional");
            out.set("registered_name", is_sequential ? Value() : Value("Functional"));
        }
        return out;
    }

    const Problems& problems() const { return problems_; }

private:
    static bool own_flag(const ModelSpec& model) {
        const Value* flag = model.config.find("trainable");
        return flag == nullptr || flag->boolean() == nullptr || *flag->boolean();
    }

    static bool states_shape(const LayerSpec& input) {
        const Value* shape = input.config.find("batch_shape");
        return shape != nullptr && !shape->is_null();
    }

    /// The reader makes the input of a Sequential up in the terms of Keras 3.
    static Value input_of_keras2(const LayerSpec& input) {
        Value config;
        for (const auto& [key, value] : *input.config.value().object())
            config.set(key == "batch_shape" ? "batch_input_shape" : key, value);
        return config;
    }

    Value entry(const ModelSpec& outer, const LayerSpec& layer, bool with_calls) {
        if (task_.to_keras3() && task_.crosses() && layer.name.find('/') != std::string::npos)
            fail(Code::unsupported, "its name has a '/', which Keras 3 allows in none");
        if (layer.model != nullptr) return with_nodes(model(*layer.model, true), outer, layer, layer.calls, with_calls);
        if (is_operation(layer, task_.source) && !task_.crosses())
            return with_nodes(envelope({layer.class_name, layer.registered_name, layer.module, layer.config.value()}),
                              outer, layer, layer.calls, with_calls, true);
        if (is_operation(layer, task_.source)) {
            const Operation operation = translated_operation(layer, outer, task_);
            return with_nodes(envelope(operation.layer), outer, layer, operation.calls, with_calls, true);
        }
        if (task_.crosses()) require_same(outer, layer);
        const bool is_made_up = layer.implicit && !task_.crosses();
        const Value config = is_made_up ? input_of_keras2(layer) : layer.config.value();
        const Translated own = translated_layer(layer.class_name, layer.registered_name, config, task_);
        return with_nodes(envelope(own), outer, layer, layer.calls, with_calls);
    }

    void require_same(const ModelSpec& outer, const LayerSpec& layer) const {
        require_floats(outer, layer, task_);
        if (task_.to_keras3()) return require_plain_images(outer, layer, task_);
        require_floats_of_keras2(outer, layer, task_);
        if (layer.class_name != "InputLayer") require_scope_name(layer.name);
    }

    /// Keras 2.15 reads a layer without its module as versions before 2.12 do, which know no module.
    Value envelope(const Translated& layer) const {
        if (!task_.to_keras3()) {
            const bool custom = layer.registered_name.find('>') != std::string::npos;
            return Value::object(
                {{"class_name", custom ? layer.registered_name : layer.class_name}, {"config", layer.config}});
        }
        return serialized(layer);
    }

    Value with_nodes(Value entry, const ModelSpec& outer, const LayerSpec& layer, const std::vector<Call>& calls,
                     bool with_calls, bool is_operation = false) const {
        if (!with_calls) return entry;
        entry.set("name", layer.name);
        entry.set("inbound_nodes", inbound_nodes(outer, layer, calls, is_operation, task_));
        return entry;
    }

    const Task& task_;
    Problems problems_;
};

}  // namespace

std::vector<TensorFacts> input_facts(const ModelSpec& model, const LayerSpec& layer, const Task& task) {
    std::vector<TensorFacts> inputs;
    for (const Call& call : layer.calls)
        for (const TensorRef& reference : call.tensors())
            inputs.push_back(task.facts(model.layers[reference.layer], reference.node, reference.tensor));
    return inputs;
}

Translation translated(const ModelSpec& model, Dialect target, const FactsOf& facts) {
    Translation translation;
    const Task task{model.dialect, target, facts, translation.notes};
    Translator translator(task);
    translation.envelope = translator.model(model, false);
    translator.problems().throw_if_any();
    if (task.crosses()) require_same_masks(model);
    return translation;
}

}  // namespace layerctl::dialects
