// Calls of functions between layers, as Keras records them in a Functional model.
#include <algorithm>

#include "models/dialects/operation_table.hpp"

namespace layerctl::dialects {
namespace {

constexpr std::string_view getitem = "__operators__.getitem";

const FunctionCall::Given* find(const FunctionCall& call, std::string_view name) {
    for (const FunctionCall::Given& given : call.arguments)
        if (std::count(given.names.begin(), given.names.end(), name) > 0) return &given;
    return nullptr;
}

const OperationRow& row_of(const FunctionCall& call) {
    const bool of_keras3 = call.dialect == Dialect::keras3;
    for (const std::string_view name : of_keras3 ? call.keras3 : call.tf)
        for (const OperationRow& row : operation_rows())
            if ((of_keras3 ? row.keras3 : row.tf) == name) return row;
    const auto& names = call.tf.empty() ? call.keras3 : call.tf;
    fail(Code::unsupported, "no operation between layers is known for '", names.empty() ? "" : names.front(), "'");
}

/// What the table does not know of must say nothing.
void refuse_others(const FunctionCall& call, const OperationRow& row) {
    for (std::size_t i = 1; i < call.arguments.size(); ++i) {
        const FunctionCall::Given& given = call.arguments[i];
        bool known = given.is_default;
        for (const OperationParameter& parameter : row.rest)
            known = known || find(call, parameter.tf) == &given || find(call, parameter.keras3) == &given;
        if (!known)
            fail(Code::unsupported, "the argument '", given.names.front(), "' in a call of '", row.tf,
                 "' is not recorded");
    }
}

Argument argument_of(const FunctionCall& call, const OperationParameter& parameter, const OperationRow& row) {
    const FunctionCall::Given* given = find(call, parameter.tf);
    if (given == nullptr && !parameter.keras3.empty()) given = find(call, parameter.keras3);
    if (given != nullptr && !(given->is_default && parameter.initial)) return given->value;
    return constant_argument(initial_of(parameter, row));
}

LayerSpec layer_of(Translated own, Call call, const std::string& name) {
    LayerSpec layer;
    layer.class_name = std::move(own.class_name);
    layer.registered_name = std::move(own.registered_name);
    layer.module = std::move(own.module);
    layer.name = name;
    layer.config = Config(std::move(own.config));
    layer.calls.push_back(std::move(call));
    return layer;
}

bool is_ellipsis(const Value& item) { return item.string_at("class_name") == "__ellipsis__"; }

/// In full: Keras 3 does not read "..." from its h5, Keras 2 not from its archives.
Value without_ellipsis(const Value& key, std::size_t rank) {
    const Value::Array items = key.array() != nullptr ? *key.array() : Value::Array{key};
    const auto axes = static_cast<std::size_t>(std::count_if(
        items.begin(), items.end(), [](const Value& item) { return !item.is_null() && !is_ellipsis(item); }));
    if (std::none_of(items.begin(), items.end(), is_ellipsis)) return key;
    const Value all = Value::object({{"start", nullptr}, {"stop", nullptr}, {"step", nullptr}});
    Value::Array written;
    for (const Value& item : items) {
        if (is_ellipsis(item)) written.insert(written.end(), rank > axes ? rank - axes : 0, all);
        else written.push_back(item);
    }
    return written;
}

LayerSpec recorded_slice(const FunctionCall& call, const std::string& name) {
    const FunctionCall::Given* slice = find(call, "slice_spec");
    if (slice == nullptr || slice->value.kind != Argument::Kind::constant)
        fail(Code::unsupported, "a slice whose bounds are tensors is not recorded");
    return layer_of(op_lambda("SlicingOpLambda", name, getitem),
                    {{call.arguments.front().value},
                     {{"slice_spec", constant_argument(without_ellipsis(slice->value.constant, call.rank))}}},
                    name);
}

/// Where a number stands first, TensorFlow makes a tensor of it before it sees the others.
Argument first_of_keras2(const FunctionCall& call) {
    const Argument& first = call.arguments.front().value;
    const std::int64_t* integer = first.kind == Argument::Kind::constant ? first.constant.integer() : nullptr;
    const bool among_floats = call.dtype.find("float") != std::string::npos;
    return integer != nullptr && among_floats ? constant_argument(static_cast<double>(*integer)) : first;
}

LayerSpec recorded_in_keras2(const FunctionCall& call, const OperationRow& row, const std::string& name) {
    Call made{{first_of_keras2(call)}, {}};
    for (const OperationParameter& parameter : row.rest)
        made.kwargs.emplace_back(std::string(parameter.tf), argument_of(call, parameter, row));
    return layer_of(op_lambda("TFOpLambda", name, row.tf), std::move(made), name);
}

LayerSpec recorded_in_keras3(const FunctionCall& call, const OperationRow& row, const std::string& name) {
    Call made{{operand_of_keras3(call.arguments.front().value, call.dtype)}, {}};
    Value config = Value::object({{"name", name}});
    for (const OperationParameter& parameter : row.rest) {
        const Argument argument = argument_of(call, parameter, row);
        if (parameter.argument) {
            made.args.push_back(operand_of_keras3(argument, call.dtype));
        } else {
            if (argument.kind != Argument::Kind::constant)
                fail(Code::unsupported, "'", row.keras3, "': a tensor for '", parameter.keras3, "' is not recorded");
            config.set(parameter.keras3, argument.constant);
        }
    }
    const std::string class_name(row.keras3);
    return layer_of({class_name, class_name, std::string(operation_module(class_name)), std::move(config)},
                    std::move(made), name);
}

}  // namespace

LayerSpec recorded_call(const FunctionCall& call, const std::string& name, Dialect model) {
    if (call.arguments.empty()) fail(Code::unsupported, "a call without arguments is not recorded");
    if (call.dialect != Dialect::keras3 && std::count(call.tf.begin(), call.tf.end(), getitem) > 0)
        return recorded_slice(call, name);
    const OperationRow& row = row_of(call);
    refuse_others(call, row);
    if (call.dialect == Dialect::keras3 && model == Dialect::keras3) return recorded_in_keras3(call, row, name);
    if (call.dialect == Dialect::keras3 && call.dtype.find("float") == std::string::npos)
        fail(Code::unsupported, "'", row.keras3, "' of ", call.dtype, " in a model of Keras 2");
    return recorded_in_keras2(call, row, name);
}

LayerSpec operation_of_keras3(const LayerSpec& recorded, const ModelSpec& model, const FactsOf& facts) {
    std::vector<std::string> notes;
    Operation operation = translated_operation(recorded, model, {Dialect::keras2, Dialect::keras3, facts, notes});
    return layer_of(std::move(operation.layer), std::move(operation.calls.front()), recorded.name);
}

}  // namespace layerctl::dialects
