// `output_mode`: how the layers that turn inputs into category indices lay them out.
#pragma once

#include "models/config_io.hpp"
#include "models/tensor.hpp"

namespace layerctl {

enum class OutputMode { integer, one_hot, multi_hot, count, tf_idf };

inline constexpr EnumName<OutputMode> output_mode_names[] = {
    {OutputMode::integer, "int"},   {OutputMode::one_hot, "one_hot"}, {OutputMode::multi_hot, "multi_hot"},
    {OutputMode::count, "count"},   {OutputMode::tf_idf, "tf_idf"},   {OutputMode::multi_hot, "binary"},
    {OutputMode::tf_idf, "tf-idf"},
};
template <>
struct ConfigField<OutputMode> : ConfigEnum<OutputMode, output_mode_names> {};

/// A check for the layers that have no weights per category.
inline constexpr auto without_tf_idf = [](OutputMode mode) {
    return mode == OutputMode::tf_idf ? "int, one_hot, multi_hot or count" : nullptr;
};

/// An index that no category has; it leaves no trace but in integer mode.
inline constexpr std::int64_t no_category = -1;

/// The dtype of the output for a layer that computes in `compute`: integer mode never yields floats.
inline DType encoded_dtype(OutputMode mode, DType compute) {
    return mode == OutputMode::integer && !is_integer(compute) ? DType::int64 : compute;
}

struct CategoryEncoder {
    OutputMode mode = OutputMode::integer;
    std::int64_t depth = 1;  // number of categories
    Dialect dialect = Dialect::keras3;

    /// The shape of encoded indices of shape `in`. The last axis is the sample: one_hot appends the categories (in
    /// place of a last axis of 1), the others put them in its place. Keras 2 makes at most two axes (Code::shape
    /// otherwise); with three or more Keras 3 counts over axis 1, the last one before the categories stays.
    Shape shape(const Shape& in) const;

    /// int64 `indices` into `y`, which has their shape() and any numeric dtype but halves. `weights`, in y's dtype:
    /// nothing, in count mode one for each index, in tf_idf mode one for each category.
    void encode(const Tensor& indices, const Tensor& weights, Tensor& y) const;
};

}  // namespace layerctl
