#include "engine/expressions/item.hpp"

#include "models/error.hpp"

namespace layerctl::expressions {

Item constant_item(Value value) {
    Item item;
    item.constant = std::move(value);
    return item;
}

Item sequence_item(std::vector<Item> items) {
    Item item;
    item.kind = Item::Kind::sequence;
    item.items = std::move(items);
    return item;
}

Item abstract_item(Shape shape, DType dtype) {
    Item item;
    item.kind = Item::Kind::tensor;
    item.shape = std::move(shape);
    item.dtype = dtype;
    return item;
}

Item tensor_item(Tensor tensor, DType dtype) {
    Item item = abstract_item(tensor.shape(), dtype);
    item.tensor = std::move(tensor);
    return item;
}

Item dimension_item(std::int64_t size) {
    return size == Shape::unknown ? abstract_item(Shape{}, DType::int32) : constant_item(size);
}

std::optional<Value> as_constant(const Item& item) {
    if (item.is_constant()) return item.constant;
    if (item.kind != Item::Kind::sequence) return std::nullopt;
    Value::Array values;
    for (const Item& inner : item.items) {
        std::optional<Value> value = as_constant(inner);
        if (!value) return std::nullopt;
        values.push_back(std::move(*value));
    }
    return values;
}

std::optional<std::vector<Item>> as_sequence(const Item& item) {
    if (item.kind == Item::Kind::sequence) return item.items;
    const Value::Array* values = item.is_constant() ? item.constant.array() : nullptr;
    if (values == nullptr) return std::nullopt;
    std::vector<Item> items;
    for (const Value& value : *values) items.push_back(constant_item(value));
    return items;
}

std::string described(const Item& item) {
    switch (item.kind) {
        case Item::Kind::constant: return excerpt(item.constant);
        case Item::Kind::tensor: return cat("a tensor ", item.shape);
        case Item::Kind::sequence: return cat("a sequence of ", item.items.size());
        case Item::Kind::slice: return "a slice";
        case Item::Kind::unspecific: return "a dtype";
    }
    fail(Code::internal, "an item of no kind");
}

}  // namespace layerctl::expressions
