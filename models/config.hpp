// Config: the JSON object a layer or model was configured with, and the text it was read from.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "value.hpp"

namespace layerctl {

/// A parsed object that remembers its source. Untouched parts can be written back byte for byte.
class Config {
public:
    Config() : value_(Value::Object{}) {}

    /// Made in code; has no source text.
    explicit Config(Value value) : value_(std::move(value)) {}
    Config(std::initializer_list<std::pair<std::string, Value>> members) : value_(Value::Object(members)) {}

    /// Read from `source`, into which the spans of `value` point.
    Config(Value value, std::shared_ptr<const std::string> source)
        : value_(std::move(value)), source_(std::move(source)) {}

    const Value& value() const noexcept { return value_; }
    const Value* find(std::string_view key) const noexcept { return value_.find(key); }

    /// The whole document this was read from; null if it was made in code.
    const std::shared_ptr<const std::string>& source() const noexcept { return source_; }

    /// The exact slice of the source; `to_json` where there is none.
    std::string text() const;

private:
    Value value_;
    std::shared_ptr<const std::string> source_;
};

}  // namespace layerctl
