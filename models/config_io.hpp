// ConfigIo: the visitor to which a layer names its fields once; reading, checking and writing back follow from that.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "models/config.hpp"
#include "models/custom_objects.hpp"
#include "models/dialect.hpp"
#include "models/error.hpp"
#include "models/value.hpp"

namespace layerctl {

/// The names of one config key, newest first: `{"negative_slope", "alpha"}`.
class Keys {
public:
    Keys(const char* key) : names_{key} {}
    Keys(std::initializer_list<std::string_view> names) : names_(names) {}
    explicit Keys(std::vector<std::string_view> names) : names_(std::move(names)) {}
    std::string_view newest() const { return names_.front(); }
    auto begin() const { return names_.begin(); }
    auto end() const { return names_.end(); }

private:
    std::vector<std::string_view> names_;
};

/// How a C++ type stands in JSON. Specialise it beside the type:
/// `wanted` completes "wanted …, found …"; `read` returns false for a value of another kind and may throw
/// Code::config or Code::unsupported for one it cannot take; `write` is the inverse of `read`. The last parameter of
/// `read` is a Dialect, or a ConfigScope where names of custom objects may stand in the value.
template <class T>
struct ConfigField;

/// A type-erased field on its way through ConfigIo.
class FieldCodec {
public:
    virtual ~FieldCodec() = default;
    virtual std::string wanted() const = 0;
    virtual bool read(const Value& value, const ConfigScope& scope) = 0;
    virtual Value write() const = 0;
    virtual std::string complaint() const = 0;  // empty if the value now held is allowed
};

/// A check returns what the value must be, or nullptr if it is.
struct Anything {
    template <class T>
    const char* operator()(const T&) const {
        return nullptr;
    }
};

struct Positive {
    const char* operator()(std::int64_t value) const { return value > 0 ? nullptr : "positive"; }
    const char* operator()(double value) const { return value > 0 ? nullptr : "positive"; }
    const char* operator()(const std::vector<std::int64_t>& values) const {
        return all(values, 1) ? nullptr : "positive";
    }
    static bool all(const std::vector<std::int64_t>& values, std::int64_t least) {
        for (const std::int64_t value : values)
            if (value < least) return false;
        return true;
    }
};

struct NotNegative {
    const char* operator()(std::int64_t value) const { return value >= 0 ? nullptr : "zero or more"; }
    const char* operator()(double value) const { return value >= 0 ? nullptr : "zero or more"; }
    const char* operator()(const std::vector<std::int64_t>& values) const {
        return Positive::all(values, 0) ? nullptr : "zero or more";
    }
};

inline constexpr Anything anything;
inline constexpr Positive positive;
inline constexpr NotNegative not_negative;

/// A list of `n` integers that may be written as one number for all of them: kernel_size, strides, pool_size, …
struct PerAxis {
    std::vector<std::int64_t>& values;
    std::size_t n;
};
inline PerAxis per_axis(std::vector<std::int64_t>& values, std::size_t n) { return {values, n}; }

class ConfigIo {
public:
    virtual ~ConfigIo() = default;

    /// The version whose meaning the config has, and what the user added to it.
    virtual ConfigScope scope() const = 0;
    Dialect dialect() const { return scope().dialect; }

    /// A field that must be present. `check` is one of `positive`, `not_negative` or a callable like them.
    template <class T, class Check = Anything>
    void required(const Keys& keys, T&& field, Check check = {}) {
        visit(keys, true, std::forward<T>(field), check);
    }

    /// A field that keeps its present value, the default, when the key is absent.
    template <class T, class Check = Anything>
    void optional(const Keys& keys, T&& field, Check check = {}) {
        visit(keys, false, std::forward<T>(field), check);
    }

    /// A key that cannot change an inference result whatever it holds (seed, momentum, dropout rate …).
    virtual void ignored(const Keys& keys) = 0;

    /// A key that would change the result and is supported only at this value; others are Code::unsupported.
    virtual void only(const Keys& keys, const Value& value) = 0;

protected:
    virtual void field(const Keys& keys, bool required, FieldCodec& codec) = 0;

private:
    template <class T, class Check>
    void visit(const Keys& keys, bool required, T&& target, const Check& check) {
        using Field = ConfigField<std::remove_cvref_t<T>>;
        struct Codec final : FieldCodec {
            std::remove_cvref_t<T>& target;
            const Check& check;
            Codec(std::remove_cvref_t<T>& t, const Check& c) : target(t), check(c) {}
            std::string wanted() const override { return Field::wanted(target); }
            bool read(const Value& value, const ConfigScope& scope) override {
                return Field::read(value, target, scope);
            }
            Value write() const override { return Field::write(target); }
            std::string complaint() const override {
                if constexpr (std::is_same_v<std::remove_cvref_t<T>, PerAxis>) return text(check(target.values));
                else return text(check(target));
            }
            static std::string text(const char* must_be) { return must_be == nullptr ? "" : must_be; }
        };
        Codec codec(target, check);
        field(keys, required, codec);
    }
};

/// Reads fields from a config. Every problem is collected; keys nobody asked for are problems too, unless they are
/// common to all layers (name, trainable, dtype …) or concern training only.
class ConfigReader final : public ConfigIo {
public:
    ConfigReader(const Config& config, ConfigScope scope) : config_(config), scope_(scope) {}

    ConfigScope scope() const override { return scope_; }
    void ignored(const Keys& keys) override;
    void only(const Keys& keys, const Value& value) override;

    /// Reports unknown keys; call once after the layer named its fields.
    void finish();

    /// What was wrong: Code::config for wrong values, Code::unsupported for keys and values layerctl does not know.
    const Problems& problems() const noexcept { return problems_; }

protected:
    void field(const Keys& keys, bool required, FieldCodec& codec) override;

private:
    const Value* take(const Keys& keys);

    const Config& config_;
    ConfigScope scope_;
    std::vector<std::string> known_;
    Problems problems_;
};

/// Writes the fields into an object: starting from the config the layer was read from, keys nobody models are kept,
/// a field goes to the spelling that is present, and to the newest spelling if none is. A value that means what the
/// field holds stays as it is spelled (2 for 2.0 or [2, 2]); an absent key is not added to hold null.
class ConfigWriter final : public ConfigIo {
public:
    ConfigWriter(Value start, ConfigScope scope) : value_(std::move(start)), scope_(scope) {}

    ConfigScope scope() const override { return scope_; }
    void ignored(const Keys&) override {}
    void only(const Keys&, const Value&) override {}
    const Value& value() const noexcept { return value_; }

protected:
    void field(const Keys& keys, bool required, FieldCodec& codec) override;

private:
    /// Whether reading `present` leads to a field that is written as `held`; the field keeps what it holds.
    bool means(const Value& present, const Value& held, FieldCodec& codec) const;

    Value value_;
    ConfigScope scope_;
};

template <>
struct ConfigField<bool> {
    static std::string wanted(bool) { return "true or false"; }
    static bool read(const Value& value, bool& out, Dialect);
    static Value write(bool value) { return value; }
};

template <>
struct ConfigField<std::int64_t> {
    static std::string wanted(std::int64_t) { return "an integer"; }
    static bool read(const Value& value, std::int64_t& out, Dialect);
    static Value write(std::int64_t value) { return value; }
};

template <>
struct ConfigField<double> {  // a one-element list counts as its element, as numpy scalars may be written
    static std::string wanted(double) { return "a number"; }
    static bool read(const Value& value, double& out, Dialect);
    static Value write(double value) { return value; }
};

template <>
struct ConfigField<std::string> {
    static std::string wanted(const std::string&) { return "a string"; }
    static bool read(const Value& value, std::string& out, Dialect);
    static Value write(const std::string& value) { return value; }
};

template <>
struct ConfigField<Value> {
    static std::string wanted(const Value&) { return "any value"; }
    static bool read(const Value& value, Value& out, Dialect) {
        out = value;
        return true;
    }
    static Value write(const Value& value) { return value; }
};

/// null is nothing.
template <class T>
struct ConfigField<std::optional<T>> {
    static std::string wanted(const std::optional<T>&) { return ConfigField<T>::wanted(T{}) + " or null"; }
    static bool read(const Value& value, std::optional<T>& out, const ConfigScope& scope) {
        out.reset();
        if (value.is_null()) return true;
        T held{};
        if (!ConfigField<T>::read(value, held, scope)) return false;
        out = std::move(held);
        return true;
    }
    static Value write(const std::optional<T>& value) { return value ? ConfigField<T>::write(*value) : Value(); }
};

template <class T>
struct ConfigField<std::vector<T>> {
    static std::string wanted(const std::vector<T>&) { return "a list, each " + ConfigField<T>::wanted(T{}); }
    static bool read(const Value& value, std::vector<T>& out, const ConfigScope& scope) {
        const Value::Array* items = value.array();
        if (items == nullptr) return false;
        out.clear();
        for (const Value& item : *items) {
            T held{};
            if (!ConfigField<T>::read(item, held, scope)) return false;
            out.push_back(std::move(held));
        }
        return true;
    }
    static Value write(const std::vector<T>& values) {
        Value::Array items;
        for (const T& value : values) items.push_back(ConfigField<T>::write(value));
        return items;
    }
};

template <>
struct ConfigField<PerAxis> {
    static std::string wanted(const PerAxis& field) { return cat("an integer or a list of ", field.n, " integers"); }
    static bool read(const Value& value, const PerAxis& out, Dialect dialect);
    static Value write(const PerAxis& field) { return ConfigField<std::vector<std::int64_t>>::write(field.values); }
};

/// One row of a table that names the values of an enum. The first row of a value is the one written.
template <class E>
struct EnumName {
    E value;
    std::string_view name;
};

/// Base of ConfigField<E> for enums: `struct ConfigField<Padding> : ConfigEnum<Padding, padding_names> {};`
template <class E, const auto& names>
struct ConfigEnum {
    static std::string wanted(E) {
        std::string out = "one of";
        for (const EnumName<E>& row : names) out += (&row == &names[0] ? " '" : ", '") + std::string(row.name) + "'";
        return out;
    }
    static bool read(const Value& value, E& out, Dialect) {
        const std::string* text = value.string();
        if (text == nullptr) return false;
        for (const EnumName<E>& row : names)
            if (row.name == *text) {
                out = row.value;
                return true;
            }
        return false;
    }
    static Value write(E value) {
        for (const EnumName<E>& row : names)
            if (row.value == value) return std::string(row.name);
        fail(Code::internal, "an enum value without a name");
    }
};

}  // namespace layerctl
