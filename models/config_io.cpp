#include "models/config_io.hpp"

#include <algorithm>

#include "models/common_keys.hpp"

namespace layerctl {
namespace {

bool contains(const std::vector<std::string>& known, std::string_view key) {
    return std::find(known.begin(), known.end(), key) != known.end();
}

}  // namespace

const Value* ConfigReader::take(const Keys& keys) {
    const Value* found = nullptr;
    for (const std::string_view key : keys) {
        known_.emplace_back(key);
        if (found == nullptr) found = config_.find(key);
    }
    return found;
}

void ConfigReader::field(const Keys& keys, bool required, FieldCodec& codec) {
    const Value* value = take(keys);
    if (value == nullptr) {
        if (required)
            problems_.add(Error(Code::config,
                                cat("config key '", keys.newest(), "': wanted ", codec.wanted(), ", it is missing")));
        return;
    }
    problems_.attempt([&] {
        in_context(cat("config key '", keys.newest(), "'"), [&] {
            if (!codec.read(*value, scope_)) fail(Code::config, "wanted ", codec.wanted(), ", found ", excerpt(*value));
            if (const std::string must_be = codec.complaint(); !must_be.empty())
                fail(Code::config, "must be ", must_be, ", found ", excerpt(*value));
        });
    });
}

void ConfigReader::ignored(const Keys& keys) { take(keys); }

void ConfigReader::only(const Keys& keys, const Value& value) {
    const Value* found = take(keys);
    if (found != nullptr && !(*found == value))
        problems_.add(Error(Code::unsupported, cat("config key '", keys.newest(), "': only ", to_json(value),
                                                   " is supported, found ", excerpt(*found))));
}

void ConfigReader::finish() {
    const Value::Object* members = config_.value().object();
    if (members == nullptr) {
        problems_.add(Error(Code::config, cat("config: wanted an object, found ", excerpt(config_.value()))));
        return;
    }
    for (const auto& [key, value] : *members) {
        if (contains(known_, key) || is_common_key(key)) continue;
        problems_.add(
            Error(Code::unsupported,
                  cat("config key '", key, "' is unknown and might change the result, found ", excerpt(value))));
    }
}

void ConfigWriter::field(const Keys& keys, bool, FieldCodec& codec) {
    const auto present =
        std::find_if(keys.begin(), keys.end(), [&](std::string_view key) { return value_.find(key) != nullptr; });
    Value held = codec.write();
    if (present != keys.end()) {
        if (!means(*value_.find(*present), held, codec)) value_.set(*present, std::move(held));
    } else if (!held.is_null()) {  // null is the default of a key that only some versions write
        value_.set(keys.newest(), std::move(held));
    }
}

bool ConfigWriter::means(const Value& present, const Value& held, FieldCodec& codec) const {
    bool same = false;
    Problems unreadable;
    unreadable.attempt([&] { same = codec.read(present, scope_) && codec.write() == held; });
    if (!same) codec.read(held, scope_);
    return same;
}

bool ConfigField<bool>::read(const Value& value, bool& out, Dialect) {
    const bool* flag = value.boolean();
    if (flag != nullptr) out = *flag;
    return flag != nullptr;
}

bool ConfigField<std::int64_t>::read(const Value& value, std::int64_t& out, Dialect) {
    const std::int64_t* integer = value.integer();
    if (integer != nullptr) out = *integer;
    return integer != nullptr;
}

bool ConfigField<double>::read(const Value& value, double& out, Dialect dialect) {
    if (const double* number = value.number()) out = *number;
    else if (const std::int64_t* integer = value.integer()) out = static_cast<double>(*integer);
    else if (const Value::Array* items = value.array(); items != nullptr && items->size() == 1)
        return read(items->front(), out, dialect);
    else return false;
    return true;
}

bool ConfigField<std::string>::read(const Value& value, std::string& out, Dialect) {
    const std::string* text = value.string();
    if (text != nullptr) out = *text;
    return text != nullptr;
}

bool ConfigField<PerAxis>::read(const Value& value, const PerAxis& out, Dialect dialect) {
    if (const std::int64_t* integer = value.integer()) {
        out.values.assign(out.n, *integer);
        return true;
    }
    std::vector<std::int64_t> values;
    if (!ConfigField<std::vector<std::int64_t>>::read(value, values, dialect) || values.size() != out.n) return false;
    out.values = std::move(values);
    return true;
}

}  // namespace layerctl
