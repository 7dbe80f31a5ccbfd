#include "engine/layers/custom/reader.hpp"

#include <algorithm>

#include "engine/expressions/parse.hpp"
#include "models/suggest.hpp"

namespace layerctl::custom {

void Part::fail(const std::string& message) const { layerctl::fail(Code::config, place(), ": ", message); }

Part Part::below(std::string_view key, const Value& value) const {
    return Part(value, file_, pointer_ + "/" + std::string(key));
}

std::optional<Part> Part::find(std::string_view key) const {
    const Value* found = value_->find(key);
    if (found == nullptr) return std::nullopt;
    return below(key, *found);
}

Part Part::at(std::string_view key) const {
    std::optional<Part> found = find(key);
    if (!found) fail(cat("wanted a member '", key, "', it is missing"));
    return *found;
}

std::vector<std::pair<std::string, Part>> Part::members() const {
    const Value::Object* object = value_->object();
    if (object == nullptr) fail("wanted an object, found " + excerpt(*value_));
    std::vector<std::pair<std::string, Part>> members;
    for (const auto& [key, value] : *object) {
        if (std::any_of(members.begin(), members.end(), [&](const auto& other) { return other.first == key; }))
            fail("member '" + key + "' is given twice");
        members.emplace_back(key, below(key, value));
    }
    return members;
}

std::vector<Part> Part::items() const {
    const Value::Array* array = value_->array();
    if (array == nullptr) fail("wanted an array, found " + excerpt(*value_));
    std::vector<Part> items;
    for (const Value& value : *array) items.push_back(below(std::to_string(items.size()), value));
    return items;
}

const std::string& Part::text() const {
    if (value_->string() == nullptr) fail("wanted a string, found " + excerpt(*value_));
    return *value_->string();
}

bool Part::flag() const {
    if (value_->boolean() == nullptr) fail("wanted true or false, found " + excerpt(*value_));
    return *value_->boolean();
}

void Part::allow(std::initializer_list<std::string_view> keys) const {
    const std::vector<std::string> known(keys.begin(), keys.end());
    for (const auto& [key, member] : members())
        if (std::find(known.begin(), known.end(), key) == known.end())
            fail("member '" + key + "' is unknown" + did_you_mean(key, known));
}

std::vector<std::string> Part::names() const {
    std::vector<std::string> names;
    for (const Part& item : items()) {
        if (!is_identifier(item.text())) item.fail("wanted a name, found '" + item.text() + "'");
        if (std::find(names.begin(), names.end(), item.text()) != names.end())
            item.fail("'" + item.text() + "' is given twice");
        names.push_back(item.text());
    }
    return names;
}

bool is_identifier(std::string_view name) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    return !name.empty() && name.find_first_not_of(letters) == std::string_view::npos &&
           (name[0] < '0' || name[0] > '9');
}

expressions::Body body_of(const Part& call) {
    expressions::Body body;
    const auto add = [&](const Part& part) {
        in_context(part.place(), [&] { body.push_back(expressions::parse_statement(part.text(), part.place())); });
    };
    if (call.value().string() != nullptr) add(call);
    else
        for (const Part& item : call.items()) add(item);
    return body;
}

expressions::Node node_of(const Part& part) {
    if (part.value().string() == nullptr) {
        if (part.value().integer() == nullptr)
            part.fail("wanted an integer or an expression, found " + excerpt(part.value()));
        return expressions::make_constant(part.value(), 1);
    }
    return in_context(part.place(), [&] { return expressions::parse_expression(part.text()); });
}

}  // namespace layerctl::custom
