// Value: a JSON tree that keeps the order of members and knows which slice of the source text each part came from.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace layerctl {

/// Half-open range of byte offsets into a source text; empty for a value made in code.
struct SourceSpan {
    std::size_t begin = 0;
    std::size_t end = 0;
};

class Value {
public:
    using Array = std::vector<Value>;
    using Object = std::vector<std::pair<std::string, Value>>;

    Value() = default;  // null
    Value(std::nullptr_t) {}
    Value(bool value) : data_(value) {}
    Value(int value) : data_(static_cast<std::int64_t>(value)) {}
    Value(std::int64_t value) : data_(value) {}
    Value(double value) : data_(value) {}
    Value(const char* value) : data_(std::string(value)) {}
    Value(std::string value) : data_(std::move(value)) {}
    Value(Array value) : data_(std::move(value)) {}
    Value(Object value) : data_(std::move(value)) {}

    /// `{{"units", 10}, {"activation", "relu"}}` makes an object.
    static Value object(std::initializer_list<std::pair<std::string, Value>> members) { return Object(members); }
    static Value array(std::initializer_list<Value> items) { return Array(items); }

    bool is_null() const noexcept { return std::holds_alternative<std::monostate>(data_); }
    const bool* boolean() const noexcept { return std::get_if<bool>(&data_); }
    const std::int64_t* integer() const noexcept { return std::get_if<std::int64_t>(&data_); }
    const double* number() const noexcept {
        return std::get_if<double>(&data_);
    }  // written with a fraction or exponent
    const std::string* string() const noexcept { return std::get_if<std::string>(&data_); }
    const Array* array() const noexcept { return std::get_if<Array>(&data_); }
    const Object* object() const noexcept { return std::get_if<Object>(&data_); }
    Array* array() noexcept { return std::get_if<Array>(&data_); }
    Object* object() noexcept { return std::get_if<Object>(&data_); }

    /// The member of that name (the last one, as Python's json keeps it); nullptr if absent or not an object.
    const Value* find(std::string_view key) const noexcept;
    Value* find(std::string_view key) noexcept;

    /// The string under that key; empty if there is none.
    std::string string_at(std::string_view key) const;

    /// Replaces or appends a member; a value that is no object becomes one.
    void set(std::string_view key, Value value);

    const SourceSpan& span() const noexcept { return span_; }
    void set_span(SourceSpan span) noexcept { span_ = span; }

    /// Same kind and contents; spans do not count, 1 and 1.0 differ, NaN equals NaN.
    friend bool operator==(const Value& a, const Value& b) { return equal(a, b); }

private:
    static bool equal(const Value& a, const Value& b);

    std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
    SourceSpan span_;
};

/// JSON text as Python's `json.dumps` writes it: ", " and ": " between parts, ASCII only, shortest digits, NaN,
/// Infinity.
std::string to_json(const Value& value);

/// A short rendering for messages: `to_json`, cut after `limit` bytes.
std::string excerpt(const Value& value, std::size_t limit = 60);

}  // namespace layerctl
