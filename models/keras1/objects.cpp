// Merges, regularizers and constraints of Keras 1.
#include <algorithm>

#include "models/keras1/keras1.hpp"

namespace layerctl::keras1 {
namespace {

struct Mode {
    std::string_view name, class_name;
    std::string_view key_then, key_now;  // the one option that counts
};
constexpr Mode modes[] = {
    {"sum", "Add", "", ""},
    {"mul", "Multiply", "", ""},
    {"ave", "Average", "", ""},
    {"max", "Maximum", "", ""},
    {"concat", "Concatenate", "concat_axis", "axis"},
    {"dot", "Dot", "dot_axes", "axes"},
};

struct Renamed {
    std::string_view then, now;
};
constexpr Renamed objects[] = {{"WeightRegularizer", "L1L2"}, {"L1L2Regularizer", "L1L2"}};
constexpr Renamed fields[] = {{"m", "max_value"}, {"low", "min_value"}, {"high", "max_value"}};

template <std::size_t n>
std::string now(const Renamed (&table)[n], const std::string& then) {
    const auto found =
        std::find_if(std::begin(table), std::end(table), [&](const Renamed& r) { return r.then == then; });
    return std::string(found == std::end(table) ? std::string_view(then) : found->now);
}

bool is(const Value& config, const char* key, const Value& value) {
    const Value* found = config.find(key);
    return found == nullptr || *found == value;
}

}  // namespace

// Modes that are functions stay a Merge, which nobody knows. So does the cosine: Keras 1 divides it by products of
// whole batches of steps, and returns another rank than it announces.
Value translated_merge(const Value& layer) {
    const Value& config = *layer.find("config");
    const Value* mode = config.find("mode");
    if (mode == nullptr || mode->string() == nullptr || !is(config, "mode_type", "raw")) return layer;
    for (const Mode& known : modes) {
        if (known.name != *mode->string()) continue;
        Value merged = Value::Object{};
        for (const char* key : {"name", "trainable"})
            if (const Value* value = config.find(key)) merged.set(key, *value);
        if (const Value* option = config.find(known.key_then)) merged.set(known.key_now, *option);
        Value out = layer;
        out.set("class_name", std::string(known.class_name));
        out.set("config", std::move(merged));
        return out;
    }
    return layer;
}

Value translated_object(const Value& object) {
    const Value* name = object.find("name");
    if (name == nullptr || name->string() == nullptr) return object;
    Value config = Value::Object{};
    for (const auto& [key, value] : *object.object())
        if (key != "name") config.set(now(fields, key), value);
    return Value::object({{"class_name", now(objects, *name->string())}, {"config", std::move(config)}});
}

}  // namespace layerctl::keras1
