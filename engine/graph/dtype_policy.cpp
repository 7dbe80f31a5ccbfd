#include "engine/graph/dtype_policy.hpp"

#include "models/error.hpp"

namespace layerctl {
namespace {

constexpr std::string_view mixed = "mixed_";

DType known_dtype(std::string_view name) {
    const std::optional<DType> dtype = parse_dtype(name);
    if (!dtype) fail(Code::unsupported, "config key 'dtype': '", name, "' is not supported");
    return *dtype;
}

DTypePolicy named_policy(std::string_view name) {
    if (!name.starts_with(mixed)) return {known_dtype(name), known_dtype(name)};
    return {known_dtype(name.substr(mixed.size())), DType::float32};
}

}  // namespace

DTypePolicy dtype_policy(const Config& config) {
    const Value* dtype = config.find("dtype");
    if (dtype == nullptr || dtype->is_null()) return {};
    if (dtype->string() != nullptr) return named_policy(*dtype->string());
    const Value* class_name = dtype->find("class_name");
    const Value* inner = dtype->find("config");
    const Value* name = inner == nullptr ? nullptr : inner->find("name");
    const bool plain = class_name != nullptr && class_name->string() != nullptr &&
                       (*class_name->string() == "DTypePolicy" || *class_name->string() == "FloatDTypePolicy" ||
                        *class_name->string() == "Policy" || *class_name->string() == "PolicyV1");
    if (!plain || name == nullptr || name->string() == nullptr)
        fail(Code::unsupported, "config key 'dtype': wanted a dtype name or a DTypePolicy, found ", excerpt(*dtype));
    return named_policy(*name->string());
}

}  // namespace layerctl
