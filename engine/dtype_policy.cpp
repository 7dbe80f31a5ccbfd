#include "engine/dtype_policy.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "models/error.hpp"

namespace layerctl {
namespace {

constexpr std::string_view mixed = "mixed_", source_mark = "_from_";

constexpr std::array<std::string_view, 4> plain_classes = {"DTypePolicy", "FloatDTypePolicy", "Policy", "PolicyV1"};
constexpr std::array<std::string_view, 5> quantized_classes = {"QuantizedDTypePolicy", "QuantizedFloat8DTypePolicy",
                                                               "Int4DTypePolicy", "GPTQDTypePolicy", "AWQDTypePolicy"};

DType known_dtype(std::string_view name) {
    const std::optional<DType> dtype = parse_dtype(name);
    if (!dtype) fail(Code::unsupported, "'", name, "' is not supported");
    return *dtype;
}

/// "int8", "float8", "int4", or "int4/128" with the size of a block, −1 for none.
void set_mode(DTypePolicy& policy, std::string_view mode) {
    const std::size_t slash = mode.find('/');
    const std::string_view kind = mode.substr(0, slash);
    if (kind == "int8" && slash == std::string_view::npos) policy.quantization = QuantizationMode::int8;
    else if (kind == "float8" && slash == std::string_view::npos) policy.quantization = QuantizationMode::float8;
    else if (kind == "int4") policy.quantization = QuantizationMode::int4;
    else fail(Code::unsupported, "quantization '", mode, "' is not supported");
    if (slash == std::string_view::npos) return;
    const std::string_view digits = mode.substr(slash + 1);
    std::int64_t size = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (problem != std::errc() || end != digits.data() + digits.size() || size < -1 || size == 0)
        fail(Code::config, "wanted a block size of 1 or more, or -1, found '", mode, "'");
    policy.states_block_size = true;
    if (size > 0) policy.block_size = size;
}

DTypePolicy float_policy(std::string_view name) {
    if (!name.starts_with(mixed)) return {known_dtype(name), known_dtype(name)};
    return {known_dtype(name.substr(mixed.size())), DType::float32};
}

DTypePolicy quantized_policy(std::string_view mode, std::string_view source) {
    DTypePolicy policy = float_policy(source);
    set_mode(policy, mode);
    return policy;
}

DTypePolicy named_policy(std::string_view name) {
    const std::size_t mark = name.find(source_mark);
    if (mark == std::string_view::npos) return float_policy(name);
    return quantized_policy(name.substr(0, mark), name.substr(mark + source_mark.size()));
}

const std::string* text_of(const Value& value, std::string_view key) {
    const Value* found = value.find(key);
    return found == nullptr ? nullptr : found->string();
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, const std::string* name) {
    return name != nullptr && std::find(names.begin(), names.end(), *name) != names.end();
}

DTypePolicy policy_object(const Value& dtype) {
    const std::string* class_name = text_of(dtype, "class_name");
    const Value* config = dtype.find("config");
    if (config != nullptr && is_one_of(quantized_classes, class_name)) {
        const std::string *mode = text_of(*config, "mode"), *source = text_of(*config, "source_name");
        if (mode != nullptr && source != nullptr) {
            DTypePolicy policy = quantized_policy(*mode, *source);
            const Value* length = config->find("amax_history_length");
            if (length != nullptr && length->integer() != nullptr && *length->integer() > 0)
                policy.amax_history_length = *length->integer();
            return policy;
        }
    }
    const std::string* name = config == nullptr ? nullptr : text_of(*config, "name");
    if (name == nullptr || !is_one_of(plain_classes, class_name))
        fail(Code::unsupported, "wanted a dtype name or a DTypePolicy, found ", excerpt(dtype));
    return named_policy(*name);
}

}  // namespace

DTypePolicy dtype_policy(const Value& dtype) {
    if (dtype.is_null()) return {};
    return dtype.string() != nullptr ? named_policy(*dtype.string()) : policy_object(dtype);
}

DTypePolicy dtype_policy(const Config& config) {
    const Value* dtype = config.find("dtype");
    if (dtype == nullptr) return {};
    return in_context("config key 'dtype'", [&] { return dtype_policy(*dtype); });
}

}  // namespace layerctl
