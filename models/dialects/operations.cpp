// Operations between layers: TFOpLambda and SlicingOpLambda of Keras 2, operation nodes of Keras 3.
#include <algorithm>

#include "models/dialects/operation_table.hpp"

namespace layerctl::dialects {
namespace {

[[noreturn]] void no_counterpart(const std::string& name, const Task& task) {
    fail(Code::unsupported, "the operation '", name, "' has no counterpart in ", task.keras(), " that layerctl knows");
}

/// Both versions mean the same by operands of one floating dtype.
void require_operands(const OperationRow& row, const ModelSpec& model, const LayerSpec& layer, const Task& task) {
    std::string first;
    for (const auto& [shape, dtype] : input_facts(model, layer, task)) {
        if (row.operands == Operands::floats && dtype.find("float") == std::string::npos)
            fail(Code::unsupported, "'", row.tf, "' of ", dtype, " is not translated");
        if (first.empty()) first = dtype;
        if (dtype != first && row.operands != Operands::mixed)
            fail(Code::unsupported, "'", row.tf, "' of ", first, " and ", dtype, " is not translated");
    }
}

/// Keras 3 may add an array of more than one axis as a bias, whatever its shape says.
void require_plain_sum(const OperationRow& row, const LayerSpec& layer) {
    if (row.keras3 != "Add") return;
    const auto has_axes = [](const Argument& argument) {
        const Value* value = &argument.constant;
        if (const Value* config = value->find("config"); config != nullptr && config->find("value") != nullptr)
            value = config->find("value");
        return value->array() != nullptr && !value->array()->empty() && value->array()->front().array() != nullptr;
    };
    for (const Call& call : layer.calls) {
        bool any = std::any_of(call.args.begin(), call.args.end(), has_axes);
        for (const auto& [name, argument] : call.kwargs) any = any || has_axes(argument);
        if (any) fail(Code::unsupported, "the sum with a constant array of several axes is not translated");
    }
}

std::string dtype_of_first(const ModelSpec& model, const Call& call, const Task& task) {
    const std::vector<TensorRef> tensors = call.tensors();
    if (tensors.empty()) fail(Code::unsupported, "an operation without tensors is not translated");
    const TensorRef& first = tensors.front();
    return task.facts(model.layers[first.layer], first.node, first.tensor).dtype;
}

bool is_parameter(const OperationRow& row, std::string_view key) {
    for (const OperationParameter& parameter : row.rest)
        if (parameter.tf == key) return true;
    return false;
}

/// Arguments of the TensorFlow function that the table does not know must say nothing.
void refuse_others(const OperationRow& row, const Call& call) {
    for (const auto& [key, argument] : call.kwargs) {
        if (key == "name" || is_parameter(row, key)) continue;
        const bool silent = argument.kind == Argument::Kind::constant &&
                            (argument.constant.is_null() || argument.constant == Value(false));
        if (!silent) fail(Code::unsupported, "'", row.tf, "': its argument '", key, "' is not translated");
    }
}

Operation to_keras3(const OperationRow& row, const LayerSpec& layer, const ModelSpec& model, const Task& task) {
    if (layer.calls.size() != 1) fail(Code::unsupported, "an operation called several times is not translated");
    require_operands(row, model, layer, task);
    require_plain_sum(row, layer);
    const Call& call = layer.calls.front();
    refuse_others(row, call);
    const std::string dtype = dtype_of_first(model, call, task);
    Operation out;
    Call made;
    made.args.push_back(operand_of_keras3(call.args.front(), dtype));
    Value config = Value::object({{"name", layer.name}});
    for (const OperationParameter& parameter : row.rest) {
        const Argument* given = call.kwarg(parameter.tf);
        if (parameter.argument) {
            if (given == nullptr)
                fail(Code::unsupported, "'", row.tf, "': the file does not hold its argument '", parameter.tf, "'");
            made.args.push_back(operand_of_keras3(*given, dtype));
            continue;
        }
        if (given != nullptr && given->kind != Argument::Kind::constant)
            fail(Code::unsupported, "'", row.tf, "': a tensor for '", parameter.tf, "' is not translated");
        config.set(parameter.keras3, given != nullptr ? given->constant : initial_of(parameter, row));
    }
    out.layer = {std::string(row.keras3), std::string(row.keras3), std::string(operation_module(row.keras3)),
                 std::move(config)};
    out.calls.push_back(std::move(made));
    return out;
}

/// numpy arrays of Keras 3 are lists in Keras 2.
Argument plain_operand(const Argument& argument) {
    const Value* class_name =
        argument.kind == Argument::Kind::constant ? argument.constant.find("class_name") : nullptr;
    if (class_name == nullptr) return argument;
    const Value* config = argument.constant.find("config");
    if (*class_name != Value("__numpy__") || config == nullptr || config->find("value") == nullptr)
        fail(Code::unsupported, "the constant ", excerpt(argument.constant), " is not translated");
    return constant_argument(*config->find("value"));
}

Value slice_to_keras2(const Value& item) {
    if (item.array() != nullptr) {
        Value::Array items;
        for (const Value& part : *item.array()) items.push_back(slice_to_keras2(part));
        return items;
    }
    const Value* class_name = item.find("class_name");
    if (class_name == nullptr) return item;
    if (*class_name == Value("__slice__")) return *item.find("config");
    return Value::object({{"class_name", *class_name}});
}

/// The constant that says which part is taken.
const Value& slice_of(const Argument* argument) {
    if (argument == nullptr || argument->kind != Argument::Kind::constant)
        fail(Code::unsupported, "a slice whose bounds are tensors is not translated");
    return argument->constant;
}

Operation to_keras2(const OperationRow& row, const LayerSpec& layer, const ModelSpec& model, const Task& task) {
    if (layer.calls.size() != 1) fail(Code::unsupported, "an operation called several times is not translated");
    require_operands(row, model, layer, task);
    require_plain_sum(row, layer);
    const Call& call = layer.calls.front();
    Operation out;
    Call made;
    std::size_t place = 0;
    const auto next = [&](std::string_view name) {
        if (place < call.args.size()) return plain_operand(call.args[place++]);
        if (const Argument* given = call.kwarg(name)) return plain_operand(*given);
        fail(Code::unsupported, "a call with the arguments by name is not translated");
    };
    made.args.push_back(next("x"));
    for (const OperationParameter& parameter : row.rest) {
        if (parameter.argument) {
            made.kwargs.emplace_back(std::string(parameter.tf), next("x2"));
            continue;
        }
        const Value* held = layer.config.find(parameter.keras3);
        made.kwargs.emplace_back(std::string(parameter.tf),
                                 constant_argument(held != nullptr ? *held : initial_of(parameter, row)));
    }
    if (place != call.args.size() || !call.kwargs.empty())
        fail(Code::unsupported, "arguments of '", row.keras3, "' that are not translated");
    for (const auto& [key, value] : *layer.config.value().object()) {
        bool known = key == "name" || value.is_null();
        for (const OperationParameter& parameter : row.rest) known = known || parameter.keras3 == key;
        if (!known)
            fail(Code::unsupported, "'", key, "' of '", row.keras3, "' is not translated, found ", excerpt(value));
    }
    out.layer = op_lambda("TFOpLambda", layer.name, row.tf);
    out.calls.push_back(std::move(made));
    return out;
}

Operation translated_slice(const LayerSpec& layer, const Task& task) {
    Operation out;
    if (layer.calls.size() != 1 || layer.calls.front().args.empty())
        fail(Code::unsupported, "an operation called several times is not translated");
    const Call& call = layer.calls.front();
    if (task.to_keras3()) {
        const Value slice = slice_of_keras3(slice_of(call.kwarg("slice_spec")));
        out.layer = {"GetItem", "GetItem", std::string(operation_module("GetItem")),
                     Value::object({{"name", layer.name}})};
        out.calls.push_back({{call.args.front(), constant_argument(slice)}, {}});
    } else {
        const Value slice = slice_to_keras2(slice_of(call.args.size() > 1 ? &call.args[1] : nullptr));
        out.layer = op_lambda("SlicingOpLambda", layer.name, "__operators__.getitem");
        out.calls.push_back({{call.args.front()}, {{"slice_spec", constant_argument(slice)}}});
    }
    return out;
}

}  // namespace

bool is_unnamed_operation(std::string_view class_name, const Value& config) {
    constexpr std::string_view without_trainable =
        "InputLayer Discretization HashedCrossing Pipeline SpatialDropout1D SpatialDropout2D SpatialDropout3D";
    return config.find("trainable") == nullptr && config.find("layers") == nullptr &&
           !is_one_of(class_name, without_trainable);
}

bool is_operation(const LayerSpec& layer, Dialect dialect) {
    if (dialect != Dialect::keras3) return is_one_of(layer.class_name, "TFOpLambda SlicingOpLambda TensorFlowOpLayer");
    if (!layer.registered_name.empty() && layer.registered_name != layer.class_name) return false;
    if (layer.module.starts_with("keras.src.ops.")) return true;
    return layer.module.empty() && is_unnamed_operation(layer.class_name, layer.config.value());
}

Operation translated_operation(const LayerSpec& layer, const ModelSpec& model, const Task& task) {
    const Value* function = layer.config.find("function");
    const std::string name = !task.to_keras3()                                      ? layer.class_name
                             : function != nullptr && function->string() != nullptr ? *function->string()
                                                                                    : layer.class_name;
    if (name == (task.to_keras3() ? "__operators__.getitem" : "GetItem")) return translated_slice(layer, task);
    for (const OperationRow& row : operation_rows()) {
        if (task.to_keras3() && row.tf == name) return to_keras3(row, layer, model, task);
        const bool same_module = layer.module.empty() || layer.module == operation_module(row.keras3);
        if (!task.to_keras3() && row.keras3 == name && same_module) return to_keras2(row, layer, model, task);
    }
    no_counterpart(name, task);
}

}  // namespace layerctl::dialects
