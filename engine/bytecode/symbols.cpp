#include "engine/bytecode/symbols.hpp"

#include <cmath>
#include <optional>

#include "models/limits.hpp"

namespace layerctl::bytecode {
namespace {

using Kind = Symbol::Kind;

bool has_class(const Value& value, std::string_view name) { return value.string_at("class_name") == name; }

/// The numbers of an array: one dtype for all.
struct Numbers {
    bool has_fraction = false, has_integer = false, has_boolean = false;

    void look(const Value& value) {
        if (const Value::Array* items = value.array()) {
            for (const Value& item : *items) look(item);
        } else if (value.boolean() != nullptr) {
            has_boolean = true;
        } else if (value.integer() != nullptr) {
            has_integer = true;
        } else if (value.number() != nullptr) {
            has_fraction = true;
        } else {
            refuse(Category::unknown_function, "an array of ", excerpt(value));
        }
    }

    std::string dtype() const {
        if (has_boolean && (has_integer || has_fraction)) refuse(Category::unknown_function, "an array of mixed kinds");
        return has_boolean ? "bool" : has_integer && !has_fraction ? "int64" : "float64";
    }
};

/// Rounded as numpy rounds to that dtype.
Value rounded(const Value& value, const std::string& dtype) {
    if (const Value::Array* items = value.array()) {
        Value::Array result;
        for (const Value& item : *items) result.push_back(rounded(item, dtype));
        return result;
    }
    const double number = value.number() != nullptr ? *value.number() : static_cast<double>(*value.integer());
    return dtype == "float32" ? static_cast<double>(static_cast<float>(number)) : number;
}

}  // namespace

SymbolPtr SymbolFactory::make(Symbol symbol) {
    if (symbol.items.size() > limits::sequence_items)
        refuse(Category::too_large, "a sequence of ", symbol.items.size());
    if (symbol.is_text() && symbol.value.string()->size() > limits::sequence_items)
        refuse(Category::too_large, "a text of ", symbol.value.string()->size(), " bytes");
    made_ += 1 + symbol.items.size() + weight_of(symbol.value);
    if (made_ > limits::bytecode_values) refuse(Category::too_large, "more than ", limits::bytecode_values, " values");
    for (const SymbolPtr& item : symbol.items) symbol.depth = std::max(symbol.depth, item->depth + 1);
    if (symbol.depth >= limits::expression_depth)
        refuse(Category::too_large, "more than ", limits::expression_depth, " operations upon each other");
    return std::make_shared<const Symbol>(std::move(symbol));
}

SymbolPtr SymbolFactory::sequence(Symbols items, bool is_list) {
    return make({.kind = Kind::sequence, .is_list = is_list, .items = std::move(items)});
}

SymbolPtr SymbolFactory::from_object(const Object& object) {
    Symbols items;
    for (const ObjectPtr& item : object.items) items.push_back(from_object(*item));
    switch (object.kind) {
        case Object::Kind::none: return constant(Value());
        case Object::Kind::boolean: return constant(object.boolean);
        case Object::Kind::integer: return constant(object.integer);
        case Object::Kind::number: return constant(object.number);
        case Object::Kind::ellipsis: return constant(Value::object({{"class_name", "__ellipsis__"}}));
        case Object::Kind::bytes:
        case Object::Kind::text: return constant(object.text);
        case Object::Kind::tuple:
        case Object::Kind::set: return sequence(std::move(items), false);
        case Object::Kind::list: return sequence(std::move(items), true);
        case Object::Kind::slice: return make({.kind = Kind::slice, .items = std::move(items)});
        case Object::Kind::code: refuse(Category::nested_function, "a function among the constants");
        case Object::Kind::other: refuse(Category::too_large, object.text);
    }
    fail(Code::internal, "an object of no kind");
}

SymbolPtr SymbolFactory::from_config(const Value& value) {
    if (const Value::Array* values = value.array()) {
        Symbols items;
        for (const Value& item : *values) items.push_back(from_config(item));
        return sequence(std::move(items), true);
    }
    if (value.object() == nullptr) return constant(value);
    const Value* config = value.find("config");
    if (const Value* items = value.find("items"); has_class(value, "__tuple__") && items != nullptr)
        return sequence(from_config(*items)->items, false);
    if (const Value* numbers = value.find("value"); value.string_at("type") == "ndarray" && numbers != nullptr)
        return array(*numbers, "");
    if (has_class(value, "__numpy__") && config != nullptr && config->find("value") != nullptr)
        return array(*config->find("value"), config->string_at("dtype"));
    if (has_class(value, "__tensor__") && config != nullptr)
        return make({.kind = Kind::constant_tensor, .sort = Symbol::Sort::tensor, .value = value});
    refuse(Category::unknown_global, "a captured object that is no plain value: ", excerpt(value));
}

SymbolPtr SymbolFactory::array(const Value& value, std::string dtype) {
    Numbers numbers;
    numbers.look(value);
    const std::string natural = numbers.dtype();
    if (dtype.empty()) dtype = natural;
    const bool to_float = (dtype == "float32" || dtype == "float64") && natural != "bool";
    const bool to_integer = (dtype == "int32" || dtype == "int64") && natural == "int64";
    if (!to_float && !to_integer && dtype != natural)
        refuse(Category::unknown_function, "an array of ", dtype, " made of ", natural);
    return make({.kind = Kind::array, .value = to_float ? rounded(value, dtype) : value, .text = std::move(dtype)});
}

std::size_t weight_of(const Value& value) {
    if (value.string() != nullptr) return value.string()->size() / 8;
    std::size_t weight = 0;
    if (value.array() != nullptr)
        for (const Value& item : *value.array()) weight += 1 + weight_of(item);
    if (value.object() != nullptr)
        for (const auto& [name, member] : *value.object()) weight += weight_of(member);
    return weight;
}

std::optional<Value> value_of(const Symbol& symbol) {
    if (symbol.is_constant()) return symbol.value;
    if (symbol.kind != Kind::sequence) return std::nullopt;
    Value::Array values;
    for (const SymbolPtr& item : symbol.items) {
        std::optional<Value> value = value_of(*item);
        if (!value) return std::nullopt;
        values.push_back(std::move(*value));
    }
    return values;
}

std::string described(const Symbol& symbol) {
    switch (symbol.kind) {
        case Kind::constant: return excerpt(symbol.value);
        case Kind::array:
        case Kind::constant_tensor: return "an array";
        case Kind::sequence: return cat(symbol.is_list ? "a list of " : "a tuple of ", symbol.items.size());
        case Kind::dict: return "a dict";
        case Kind::slice: return "a slice";
        case Kind::path: return cat("'", symbol.text, "'");
        case Kind::method: return cat("the method '", symbol.text, "'");
        case Kind::null: return "nothing";
        default: break;
    }
    switch (symbol.sort) {
        case Symbol::Sort::tensor:
        case Symbol::Sort::input: return "a tensor";
        case Symbol::Sort::dimensions: return "a shape";
        case Symbol::Sort::dimension: return "a dimension";
        case Symbol::Sort::number: return "a number";
    }
    fail(Code::internal, "a symbol of no kind");
}

}  // namespace layerctl::bytecode
