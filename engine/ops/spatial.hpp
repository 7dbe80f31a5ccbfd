// Spatial axes: padding, data format, and the size arithmetic of sliding windows (layers.md 3).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "models/config_io.hpp"
#include "models/shape.hpp"
#include "models/tensor.hpp"

namespace layerctl {

enum class Padding { valid, same, causal };
enum class DataFormat { channels_last, channels_first };

inline constexpr std::array padding_names = {
    EnumName<Padding>{Padding::valid, "valid"},
    EnumName<Padding>{Padding::same, "same"},
    EnumName<Padding>{Padding::causal, "causal"},
};
inline constexpr std::array data_format_names = {
    EnumName<DataFormat>{DataFormat::channels_last, "channels_last"},
    EnumName<DataFormat>{DataFormat::channels_first, "channels_first"},
};

template <>
struct ConfigField<Padding> : ConfigEnum<Padding, padding_names> {};

/// null means channels_last, Keras' own default.
template <>
struct ConfigField<DataFormat> : ConfigEnum<DataFormat, data_format_names> {
    static bool read(const Value& value, DataFormat& out, Dialect dialect) {
        if (value.is_null()) out = DataFormat::channels_last;
        return value.is_null() || ConfigEnum::read(value, out, dialect);
    }
};

/// A check for ConfigIo: `causal` only makes sense along time.
struct NotCausal {
    const char* operator()(Padding padding) const { return padding == Padding::causal ? "'valid' or 'same'" : nullptr; }
};
inline constexpr NotCausal not_causal;

/// A list of `n` integers like PerAxis, which null leaves empty.
struct PerAxisOrNull {
    std::vector<std::int64_t>& values;
    std::size_t n;
    operator const std::vector<std::int64_t>&() const { return values; }
};
inline PerAxisOrNull per_axis_or_null(std::vector<std::int64_t>& values, std::size_t n) { return {values, n}; }

template <>
struct ConfigField<PerAxisOrNull> {
    static std::string wanted(const PerAxisOrNull& field) {
        return ConfigField<PerAxis>::wanted({field.values, field.n}) + " or null";
    }
    static bool read(const Value& value, const PerAxisOrNull& out, Dialect dialect) {
        out.values.clear();
        return value.is_null() || ConfigField<PerAxis>::read(value, {out.values, out.n}, dialect);
    }
    static Value write(const PerAxisOrNull& field) {
        return field.values.empty() ? Value() : ConfigField<PerAxis>::write({field.values, field.n});
    }
};

namespace ops {

/// Sums and products for sizes taken from a file: an unknown size stays unknown, an overflow is Code::refused.
std::int64_t plus(std::int64_t size, std::int64_t amount);
std::int64_t times(std::int64_t size, std::int64_t factor);

/// A layer shape taken apart: (batch…, spatial…, channels) or (batch…, channels, spatial…).
struct SpatialShape {
    Shape batch;
    Shape spatial;
    std::int64_t channels = 0;

    /// `rank` spatial axes behind at least one batch axis, otherwise Code::shape.
    static SpatialShape split(const Shape& shape, std::size_t rank, DataFormat format);
    Shape joined(DataFormat format) const;
};

/// The same elements with the channels behind the `rank` spatial axes instead of before them, and the reverse.
Tensor to_channels_last(const Tensor& x, std::size_t rank);
Tensor to_channels_first(const Tensor& x, std::size_t rank);

/// Runs `compute(x, y)` on channels-last data, whatever the format of x and y.
template <class Compute>
void in_channels_last(const Tensor& x, Tensor& y, std::size_t rank, DataFormat format, const Compute& compute) {
    if (format == DataFormat::channels_last) return compute(x, y);
    const auto parts = SpatialShape::split(y.shape(), rank, format);
    Tensor result = Tensor::uninitialized(y.dtype(), parts.joined(DataFormat::channels_last));
    compute(to_channels_last(x, rank), result);
    y = to_channels_first(result, rank);
}

/// One spatial axis of a window sliding over `in` elements. Output t reads t·stride − before + j·dilation for
/// j in [0, size); what lies outside [0, in) is padding.
struct WindowAxis {
    std::int64_t in = 1;
    std::int64_t out = 1;
    std::int64_t size = 1;
    std::int64_t stride = 1;
    std::int64_t dilation = 1;
    std::int64_t before = 0;

    /// The taps [first, last) of output t that lie inside the input.
    struct Taps {
        std::int64_t first, last;
    };
    Taps taps(std::int64_t t) const {
        const std::int64_t start = t * stride - before;  // where tap 0 reads
        const std::int64_t first = start < 0 ? std::min((-start + dilation - 1) / dilation, size) : 0;
        const std::int64_t last = start < in ? std::min((in - 1 - start) / dilation + 1, size) : 0;
        return {first, std::max(first, last)};
    }
    std::int64_t position(std::int64_t t, std::int64_t tap) const { return t * stride - before + tap * dilation; }
};

/// Depth, height, width; layers with fewer spatial axes leave the front ones at 1.
using WindowAxes = std::array<WindowAxis, 3>;
std::int64_t input_positions(const WindowAxes& axes);
std::int64_t output_positions(const WindowAxes& axes);
std::int64_t window_taps(const WindowAxes& axes);

/// A sliding window as a layer is configured with: one entry per spatial axis.
struct Window {
    explicit Window(std::size_t rank) : size(rank, 1), strides(rank, 1), dilation(rank, 1) {}

    std::vector<std::int64_t> size;
    std::vector<std::int64_t> strides;
    std::vector<std::int64_t> dilation;
    Padding padding = Padding::valid;
    DataFormat data_format = DataFormat::channels_last;

    std::size_t rank() const { return size.size(); }

    /// Output sizes; unknown ones stay unknown. An empty output is Code::shape.
    Shape output(const Shape& spatial) const;

    /// The geometry over an input of known sizes.
    WindowAxes axes(const Shape& spatial) const;

    /// Elements from the first to the last tap of one axis.
    std::int64_t extent(std::size_t axis) const;
};

}  // namespace ops
}  // namespace layerctl
