#include "node_def.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "base64.hpp"
#include "error.hpp"
#include "protobuf.hpp"

namespace layerctl {
namespace {

struct TypeName {
    std::uint64_t number;
    std::string_view tensorflow;
    std::string_view numpy;
};
constexpr std::array types = {
    TypeName{1, "DT_FLOAT", "float32"},      TypeName{2, "DT_DOUBLE", "float64"}, TypeName{3, "DT_INT32", "int32"},
    TypeName{4, "DT_UINT8", "uint8"},        TypeName{5, "DT_INT16", "int16"},    TypeName{6, "DT_INT8", "int8"},
    TypeName{7, "DT_STRING", "string"},      TypeName{9, "DT_INT64", "int64"},    TypeName{10, "DT_BOOL", "bool"},
    TypeName{14, "DT_BFLOAT16", "bfloat16"}, TypeName{17, "DT_UINT16", "uint16"}, TypeName{19, "DT_HALF", "float16"},
    TypeName{22, "DT_UINT32", "uint32"},     TypeName{23, "DT_UINT64", "uint64"},
};

template <class Key>
Value type_name(Key key, Key TypeName::*column) {
    for (const TypeName& type : types)
        if (type.*column == key) return std::string(type.numpy);
    return {};
}

[[noreturn]] void bad_attribute(const Value& found) {
    fail(Code::format, "node_def: wanted an attribute's value, found ", excerpt(found));
}

std::int64_t parse_integer(const Value& value) {
    if (value.integer() != nullptr) return *value.integer();
    std::int64_t result = 0;
    if (value.string() == nullptr) bad_attribute(value);
    const std::string& text = *value.string();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
    if (error != std::errc() || end != text.data() + text.size()) bad_attribute(value);
    return result;
}

std::string decoded(const Value& value) {
    const auto bytes = value.string() == nullptr ? std::nullopt : from_base64(*value.string());
    if (!bytes) bad_attribute(value);
    return *bytes;
}

/// One value under its key of AttrValue: integers and bytes are strings in JSON.
Value plain(const std::string& kind, const Value& value) {
    if (kind == "i") return parse_integer(value);
    if (kind == "s") return decoded(value);
    if (kind == "b" && value.boolean() != nullptr) return value;
    if (kind == "f" && value.number() != nullptr) return value;
    if (kind == "f" && value.integer() != nullptr) return static_cast<double>(*value.integer());
    if (kind == "type" && value.string() != nullptr)
        return type_name<std::string_view>(*value.string(), &TypeName::tensorflow);
    if (kind == "shape" || kind == "tensor" || kind == "func" || kind == "placeholder") return {};
    bad_attribute(value);
}

Value list_of(const Value& list) {
    if (list.object() == nullptr) bad_attribute(list);
    Value::Array items;
    for (const auto& [kind, values] : *list.object()) {
        if (values.array() == nullptr) bad_attribute(values);
        for (const Value& value : *values.array()) items.push_back(plain(kind, value));
    }
    return items;
}

NodeDef from_json(const Value& node_def) {
    NodeDef node;
    const Value* const op = node_def.find("op");
    if (op == nullptr || op->string() == nullptr) fail(Code::format, "node_def: wanted an 'op', it is missing");
    node.op = *op->string();
    if (const Value* input = node_def.find("input"); input != nullptr && input->array() != nullptr)
        node.inputs = input->array()->size();
    const Value* const attributes = node_def.find("attr");
    if (attributes == nullptr || attributes->object() == nullptr) return node;
    for (const auto& [name, value] : *attributes->object()) {
        if (value.object() == nullptr || value.object()->size() > 1) bad_attribute(value);
        if (value.object()->empty()) continue;
        const auto& [kind, content] = value.object()->front();
        node.attributes.emplace_back(name, kind == "list" ? list_of(content) : plain(kind, content));
    }
    return node;
}

/// The field of an AttrValue or of its list that `reader` stands at. Numbers of a list may be packed.
void append_plain(const ProtobufReader& reader, Value::Array& items) {
    const auto add = [&](std::uint64_t number) {
        switch (reader.field()) {
            case 3: return items.emplace_back(static_cast<std::int64_t>(number)), void();
            case 4: return items.emplace_back(double{std::bit_cast<float>(static_cast<std::uint32_t>(number))}), void();
            case 5: return items.emplace_back(number != 0), void();
            case 6: return items.push_back(type_name(number, &TypeName::number)), void();
            default: items.emplace_back();
        }
    };
    if (reader.field() == 2) items.emplace_back(std::string(reader.bytes()));
    else if (!reader.is_bytes()) add(reader.number());
    else if (reader.field() == 4)
        for (std::string_view packed = reader.bytes(); packed.size() >= 4; packed.remove_prefix(4)) {
            std::uint32_t bits = 0;
            for (std::size_t i = 0; i < 4; ++i) bits |= std::uint32_t{static_cast<std::uint8_t>(packed[i])} << (8 * i);
            add(bits);
        }
    else if (reader.field() <= 6)
        for (std::string_view packed = reader.bytes(); !packed.empty();) add(ProtobufReader::varint(packed));
    else items.emplace_back();
}

Value attribute_value(std::string_view message) {
    Value value;
    for (ProtobufReader reader(message); reader.next();) {
        Value::Array items;
        if (reader.field() == 1)
            for (ProtobufReader list(reader.bytes()); list.next();) append_plain(list, items);
        else append_plain(reader, items);
        value = reader.field() == 1 ? Value(std::move(items)) : items.empty() ? Value() : items.front();
    }
    return value;
}

NodeDef from_binary(std::string_view message) {
    NodeDef node;
    for (ProtobufReader reader(message); reader.next();) {
        if (reader.field() == 2) node.op = reader.bytes();
        if (reader.field() == 3) ++node.inputs;
        if (reader.field() != 5) continue;
        std::pair<std::string, Value> attribute;
        for (ProtobufReader entry(reader.bytes()); entry.next();) {
            if (entry.field() == 1) attribute.first = entry.bytes();
            if (entry.field() == 2) attribute.second = attribute_value(entry.bytes());
        }
        node.attributes.push_back(std::move(attribute));
    }
    if (node.op.empty()) fail(Code::format, "node_def: wanted an 'op', it is missing");
    return node;
}

}  // namespace

NodeDef parse_node_def(const Value& node_def) {
    if (node_def.object() != nullptr) return from_json(node_def);
    if (node_def.string() != nullptr) return from_binary(*node_def.string());
    fail(Code::format, "node_def: wanted an object or a string, found ", excerpt(node_def));
}

}  // namespace layerctl
