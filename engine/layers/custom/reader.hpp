// Members of JSON objects under a place that errors name: "custom.json: /layers/Linear".
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expressions/program.hpp"
#include "models/error.hpp"
#include "models/value.hpp"

namespace layerctl::custom {

/// A part of the document. Values of another kind than asked for are Code::config.
class Part {
public:
    /// The whole document, or what lies in it under a JSON pointer.
    Part(const Value& value, std::string file, std::string pointer = "")
        : value_(&value), file_(std::move(file)), pointer_(std::move(pointer)) {}

    const Value& value() const { return *value_; }
    std::string place() const { return pointer_.empty() ? file_ : file_ + ": " + pointer_; }

    /// The member of that name, or nothing.
    std::optional<Part> find(std::string_view key) const;
    Part at(std::string_view key) const;

    /// The members of an object, the items of an array.
    std::vector<std::pair<std::string, Part>> members() const;
    std::vector<Part> items() const;

    const std::string& text() const;
    bool flag() const;

    /// Refuses members that are not among these, with the nearest.
    void allow(std::initializer_list<std::string_view> keys) const;

    /// An array of names, each fit for an expression.
    std::vector<std::string> names() const;

    [[noreturn]] void fail(const std::string& message) const;

private:
    Part below(std::string_view key, const Value& value) const;

    const Value* value_;
    std::string file_;
    std::string pointer_;
};

/// Whether an expression can name it.
bool is_identifier(std::string_view name);

/// The statements of a `call`: a text or an array of texts.
expressions::Body body_of(const Part& call);

/// One value: an expression in a text, or a number.
expressions::Node node_of(const Part& part);

}  // namespace layerctl::custom
