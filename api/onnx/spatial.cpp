#include "api/onnx/spatial.hpp"

#include <algorithm>

#include "api/onnx/steps.hpp"

namespace layerctl::onnx {
namespace {

ops::Permutation channels_last_to_first(std::size_t spatial_rank) {
    return ops::inverse(ops::to_back({1}, spatial_rank + 2));
}

/// Zeros or cuts before and after one axis.
struct Pads {
    std::int64_t before = 0, after = 0;
};

Pads pads_of(const ops::WindowAxis& axis) {
    const std::int64_t read = (axis.out - 1) * axis.stride + (axis.size - 1) * axis.dilation + 1;
    return {axis.before, std::max<std::int64_t>(read - axis.in - axis.before, 0)};
}

/// Sizes in place of unknown ones, where the padding is the same for any.
std::optional<Shape> sizes_for_padding(const ops::Window& window, Shape spatial) {
    for (std::size_t i = 0; i < window.rank(); ++i) {
        if (spatial[i] != Shape::unknown) continue;
        if (window.padding == Padding::same && window.strides[i] != 1) return std::nullopt;
        spatial[i] = window.extent(i);
    }
    return spatial;
}

/// Volumes begin where TensorFlow's kernels say, which SAME_UPPER does not know of.
void require_same_upper(const ops::Window& window, const Shape& spatial) {
    for (std::size_t i = 0; i < window.rank(); ++i)
        if (window.rank() == 3 && window.strides[i] > window.extent(i))
            fail(Code::unsupported, "padding 'same' of spatial sizes ", spatial, " depends on sizes that are unknown");
}

}  // namespace

Name to_channels_first(Builder& b, const Name& x, std::size_t spatial_rank, DataFormat format) {
    return format == DataFormat::channels_first ? x : transpose(b, x, channels_last_to_first(spatial_rank));
}

Name from_channels_first(Builder& b, const Name& x, std::size_t spatial_rank, DataFormat format) {
    return format == DataFormat::channels_first ? x : transpose(b, x, ops::to_back({1}, spatial_rank + 2));
}

ops::Permutation kernel_to_channels_first(std::size_t spatial_rank) {
    ops::Permutation order = {spatial_rank + 1, spatial_rank};
    for (std::size_t i = 0; i < spatial_rank; ++i) order.push_back(i);
    return order;
}

Placed place_window(Builder& b, const Name& x, const ops::Window& window, const Shape& spatial, bool dilated) {
    Placed placed{x, {{"kernel_shape", window.size}, {"strides", window.strides}}};
    if (dilated) placed.attributes.push_back({"dilations", window.dilation});
    const std::optional<Shape> sizes = sizes_for_padding(window, spatial);
    if (!sizes) {
        require_same_upper(window, spatial);
        placed.attributes.push_back({"auto_pad", std::string("SAME_UPPER")});
        return placed;
    }
    const ops::WindowAxes axes = window.axes(*sizes);
    Ints before, after;
    for (std::size_t i = 0; i < window.rank(); ++i) {
        const Pads pads = pads_of(axes[3 - window.rank() + i]);
        if (pads.before < 0) placed.x = slice(b, placed.x, static_cast<std::int64_t>(2 + i), -pads.before, (*sizes)[i]);
        before.push_back(std::max<std::int64_t>(pads.before, 0));
        after.push_back(pads.after);
    }
    before.insert(before.end(), after.begin(), after.end());
    placed.attributes.push_back({"pads", before});
    return placed;
}

ops::Window window_of(const Settings& settings, std::size_t rank, const char* size_key) {
    ops::Window window(rank);
    window.size = settings.get<Ints>(size_key);
    window.strides = settings.get_or("strides", window.size);
    window.dilation = settings.get_or("dilation_rate", window.dilation);
    window.padding = settings.get<Padding>("padding");
    window.data_format = settings.get<DataFormat>("data_format");
    return window;
}

Attributes bilinear_attributes() {
    return {{"coordinate_transformation_mode", std::string("half_pixel")}, {"mode", std::string("linear")}};
}

}  // namespace layerctl::onnx
