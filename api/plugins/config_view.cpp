#include "api/plugins/config_view.hpp"

#include "api/plugins/border.hpp"

namespace layerctl::plugins {
namespace {

ConfigView& view_of(const layerctl_config* config) { return *static_cast<ConfigView*>(config->host); }

int is_null(const layerctl_config* config, const char* key, int* value, layerctl_error* error) {
    return answered(error, [&] { *value = view_of(config).is_null(key); });
}

int boolean(const layerctl_config* config, const char* key, int* value, layerctl_error* error) {
    return answered(error, [&] { *value = view_of(config).get<bool>(key); });
}

int integer(const layerctl_config* config, const char* key, std::int64_t* value, layerctl_error* error) {
    return answered(error, [&] { *value = view_of(config).get<std::int64_t>(key); });
}

int number(const layerctl_config* config, const char* key, double* value, layerctl_error* error) {
    return answered(error, [&] { *value = view_of(config).get<double>(key); });
}

int text(const layerctl_config* config, const char* key, const char** value, layerctl_error* error) {
    return answered(error, [&] { *value = view_of(config).text(key); });
}

int integers(const layerctl_config* config, const char* key, const std::int64_t** values, std::size_t* count,
             layerctl_error* error) {
    return answered(error, [&] {
        const std::vector<std::int64_t>& list = view_of(config).integers(key);
        *values = list.data();
        *count = list.size();
    });
}

int numbers(const layerctl_config* config, const char* key, const double** values, std::size_t* count,
            layerctl_error* error) {
    return answered(error, [&] {
        const std::vector<double>& list = view_of(config).numbers(key);
        *values = list.data();
        *count = list.size();
    });
}

}  // namespace

ConfigView::ConfigView(const Value& values, const LayerContext& context)
    : values_(values), context_(context), json_(to_json(values)) {
    border_ = {.size = sizeof border_,
               .host = this,
               .json = json_.c_str(),
               .layer_name = context_.name.c_str(),
               .keras = static_cast<std::int32_t>(context_.dialect),
               .compute_dtype = dtype_code(context_.compute_dtype),
               .variable_dtype = dtype_code(context_.variable_dtype),
               .is_null = plugins::is_null,
               .boolean = plugins::boolean,
               .integer = plugins::integer,
               .number = plugins::number,
               .text = plugins::text,
               .integers = plugins::integers,
               .numbers = plugins::numbers};
}

const Value& ConfigView::find(const char* key) const {
    const Value* value = key == nullptr ? nullptr : values_.find(key);
    if (value == nullptr)
        fail(Code::config, "config key '", key == nullptr ? "" : key,
             "': the plug-in asks for it and does not list it");
    return *value;
}

template <class T>
T ConfigView::get(const char* key) const {
    T held{};
    const Value& value = find(key);
    if (!ConfigField<T>::read(value, held, context_.dialect))
        fail(Code::config, "config key '", key, "': wanted ", ConfigField<T>::wanted(held), ", found ", excerpt(value));
    return held;
}

const char* ConfigView::text(const char* key) {
    const std::string& held = texts_.emplace_back(get<std::string>(key));
    if (held.find('\0') != std::string::npos) fail(Code::config, "config key '", key, "': holds a zero byte");
    return held.c_str();
}

const std::vector<std::int64_t>& ConfigView::integers(const char* key) {
    return integers_.emplace_back(get<std::vector<std::int64_t>>(key));
}

const std::vector<double>& ConfigView::numbers(const char* key) {
    return numbers_.emplace_back(get<std::vector<double>>(key));
}

}  // namespace layerctl::plugins
