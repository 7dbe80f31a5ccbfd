#include "engine/layers/feature_columns/value_column.hpp"

#include "models/dispatch.hpp"

namespace layerctl {
namespace {

/// The ids of all values but the missing ones.
template <class T, class IdOf>
SparseIds ids_of(const T* values, const Shape& shape, const T& missing, const IdOf& id_of) {
    SparseIds out;
    for (std::int64_t example = 0; example < shape[0]; ++example) {
        for (std::int64_t place = 0; place < shape[1]; ++place) {
            const T& value = *values++;
            if (value == missing) continue;
            out.ids.push_back(id_of(value));
            out.places.push_back(static_cast<std::size_t>(place));
        }
        out.ends.push_back(out.ids.size());
    }
    return out;
}

/// -1 as that type has it: the largest number of an unsigned one.
std::int64_t missing_integer(DType dtype) {
    std::int64_t missing = -1;
    with_numeric(dtype, [&]<class T>(Type<T>) {
        if constexpr (std::is_integral_v<T>) missing = static_cast<std::int64_t>(static_cast<T>(missing));
    });
    return missing;
}

}  // namespace

void ValueColumn::dtype_config(ConfigIo& io) {
    std::string name(dtype_name(dtype_));
    io.required("dtype", name, [](const std::string& given) {
        const std::optional<DType> dtype = parse_dtype(given);
        return dtype && (*dtype == DType::string || is_integer(*dtype)) ? nullptr : "'string' or an integer type";
    });
    dtype_ = parse_dtype(name).value_or(dtype_);
}

SparseIds ValueColumn::ids(const Features& features) const {
    const Tensor& feature = features.matrix(key_);
    const bool strings = feature.dtype() == DType::string;
    if (strings != holds_strings() || (!strings && !is_integer(feature.dtype())))
        fail(Code::input, "feature '", key_, "': wanted ", holds_strings() ? "strings" : "integers", ", found ",
             feature.dtype());
    if (strings)
        return ids_of(feature.string_values().data(), feature.shape(), std::string(),
                      [&](const std::string& text) { return id_of(text); });
    const Tensor numbers = feature.cast(DType::int64);
    return ids_of(numbers.values<std::int64_t>().data(), feature.shape(), missing_integer(feature.dtype()),
                  [&](std::int64_t number) { return id_of(number); });
}

}  // namespace layerctl
