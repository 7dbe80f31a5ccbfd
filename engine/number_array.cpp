#include "engine/number_array.hpp"

namespace layerctl {
namespace {

/// Appends the numbers of `value`, whose nesting must agree with `shape` from `axis` on; false if it does not.
bool collect(const Value& value, std::size_t axis, NumberArray& out) {
    const Value::Array* items = value.array();
    if (axis == out.shape.rank()) {
        out.numbers.emplace_back();
        return items == nullptr && ConfigField<double>::read(value, out.numbers.back(), Dialect::keras3);
    }
    if (items == nullptr || static_cast<std::int64_t>(items->size()) != out.shape[axis]) return false;
    for (const Value& item : *items)
        if (!collect(item, axis + 1, out)) return false;
    return true;
}

/// {"class_name": "__numpy__" | "__tensor__", "config": {"value": …}} and the {"type": "ndarray", "value": …} of old
/// versions.
const Value* wrapped_array(const Value& value) {
    const Value* config = value.find("config");
    return config != nullptr ? config->find("value") : value.find("value");
}

}  // namespace

bool ConfigField<NumberArray>::read(const Value& value, NumberArray& out, Dialect dialect) {
    if (value.object() != nullptr) {
        const Value* inner = wrapped_array(value);
        if (inner == nullptr || inner->object() != nullptr || !read(*inner, out, dialect)) return false;
        out.source = value;
        return true;
    }
    std::vector<std::int64_t> dims;
    for (const Value* at = &value; at->array() != nullptr; at = &at->array()->front()) {
        dims.push_back(static_cast<std::int64_t>(at->array()->size()));
        if (at->array()->empty()) break;
    }
    out = {{}, Shape(std::move(dims)), value};
    return collect(value, 0, out);
}

}  // namespace layerctl
