#include "models/value.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace layerctl {
namespace {

// Decodes one code point of UTF-8 at `i` and moves past it; a malformed byte stands for itself (Latin-1).
std::uint32_t next_code_point(std::string_view text, std::size_t& i) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char lead = byte(i);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (length == 1 || i + length > text.size()) return byte(i++);
    std::uint32_t code = lead & (0xffU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) code = (code << 6) | (byte(i + k) & 0x3fU);
    i += length;
    return code;
}

void append_escape(std::string& out, std::uint32_t unit) {
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, "\\u%04x", unit);
    out += buffer;
}

void append_string(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t i = 0; i < text.size();) {
        const std::uint32_t code = next_code_point(text, i);
        switch (code) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            case '\b': out += "\\b"; break;
            case '\f': out += "\\f"; break;
            default:
                if (code >= 0x20 && code < 0x7f) out += static_cast<char>(code);
                else if (code < 0x10000) append_escape(out, code);
                else {
                    append_escape(out, 0xd800U + ((code - 0x10000U) >> 10));
                    append_escape(out, 0xdc00U + ((code - 0x10000U) & 0x3ffU));
                }
        }
    }
    out += '"';
}

// Python's repr of a float: shortest digits, exponent form below 1e-4 and from 1e16 on.
void append_number(std::string& out, double value) {
    if (std::isnan(value)) {
        out += "NaN";
        return;
    }
    if (std::isinf(value)) {
        out += value < 0 ? "-Infinity" : "Infinity";
        return;
    }
    const double magnitude = std::abs(value);
    const bool plain = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
    char buffer[64];
    const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr;
    std::string_view digits(buffer, static_cast<std::size_t>(end - buffer));
    out += digits;
    if (plain && digits.find('.') == std::string_view::npos) out += ".0";
}

void append(std::string& out, const Value& value);

void append_array(std::string& out, const Value::Array& items) {
    out += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += ", ";
        append(out, items[i]);
    }
    out += ']';
}

void append_object(std::string& out, const Value::Object& members) {
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (i > 0) out += ", ";
        append_string(out, members[i].first);
        out += ": ";
        append(out, members[i].second);
    }
    out += '}';
}

void append(std::string& out, const Value& value) {
    if (value.is_null()) out += "null";
    else if (const bool* flag = value.boolean()) out += *flag ? "true" : "false";
    else if (const std::int64_t* integer = value.integer()) out += std::to_string(*integer);
    else if (const double* number = value.number()) append_number(out, *number);
    else if (const std::string* text = value.string()) append_string(out, *text);
    else if (const Value::Array* items = value.array()) append_array(out, *items);
    else append_object(out, *value.object());
}

}  // namespace

const Value* Value::find(std::string_view key) const noexcept {
    const Object* members = object();
    if (members == nullptr) return nullptr;
    for (auto member = members->rbegin(); member != members->rend(); ++member)
        if (member->first == key) return &member->second;
    return nullptr;
}

Value* Value::find(std::string_view key) noexcept {
    return const_cast<Value*>(static_cast<const Value*>(this)->find(key));
}

std::string Value::string_at(std::string_view key) const {
    const Value* member = find(key);
    return member == nullptr || member->string() == nullptr ? "" : *member->string();
}

void Value::set(std::string_view key, Value value) {
    if (object() == nullptr) data_ = Object{};
    if (Value* member = find(key)) *member = std::move(value);
    else object()->emplace_back(std::string(key), std::move(value));
}

bool Value::equal(const Value& a, const Value& b) {
    const double* x = a.number();
    const double* y = b.number();
    if (x != nullptr && y != nullptr) return *x == *y || (std::isnan(*x) && std::isnan(*y));
    return a.data_ == b.data_;
}

std::string to_json(const Value& value) {
    std::string out;
    append(out, value);
    return out;
}

std::string excerpt(const Value& value, std::size_t limit) {
    std::string text = to_json(value);
    if (text.size() > limit) text = text.substr(0, limit) + "…";
    return text;
}

}  // namespace layerctl
