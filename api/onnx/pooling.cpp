// Pooling: under a window, over everything, or of equal parts.
#include <algorithm>

#include "api/onnx/layer_call.hpp"
#include "api/onnx/spatial.hpp"
#include "api/onnx/steps.hpp"

namespace layerctl::onnx {
namespace {

Names pool(LayerCall& call, const char* op_type, const ops::Window& window) {
    require_float(call);
    const std::size_t rank = window.rank();
    const auto in = ops::SpatialShape::split(call.in[0], rank, window.data_format);
    const Name x = to_channels_first(call.b, call.x[0], rank, window.data_format);
    const Placed placed = place_window(call.b, x, window, in.spatial, false);
    return {from_channels_first(call.b, call.b.add(op_type, {placed.x}, placed.attributes), rank, window.data_format)};
}

Names max_pooling(LayerCall& call) {
    return pool(call, "MaxPool", window_of(call.settings, call.rank() - 2, "pool_size"));
}

/// Padding does not count, as count_include_pad is 0.
Names average_pooling(LayerCall& call) {
    return pool(call, "AveragePool", window_of(call.settings, call.rank() - 2, "pool_size"));
}

Ints spatial_axes(const LayerCall& call) {
    const std::size_t first = call.settings.get<DataFormat>("data_format") == DataFormat::channels_first ? 2 : 1;
    return counted(first, first + call.rank() - 2);
}

Names global(LayerCall& call, const char* op_type) {
    return {reduce(call.b, op_type, call.x[0], spatial_axes(call), call.settings.flag("keepdims"))};
}

Names global_max_pooling(LayerCall& call) { return global(call, "ReduceMax"); }
Names global_average_pooling(LayerCall& call) {
    require_float(call);
    return global(call, "ReduceMean");
}

/// Σ x·m / Σ m over the steps.
Names global_average_pooling1d(LayerCall& call) {
    if (call.masks[0].empty()) return global_average_pooling(call);
    Builder& b = call.b;
    const Ints time = spatial_axes(call);
    const Name keep = unsqueeze(b, cast(b, call.masks[0], call.dtype()), {time[0] == 1 ? 2 : 1});
    const bool keepdims = call.settings.flag("keepdims");
    const Name sum = reduce(b, "ReduceSum", b.add("Mul", {call.x[0], keep}), time, keepdims);
    return {b.add("Div", {sum, reduce(b, "ReduceSum", keep, time, keepdims)})};
}

/// Parts of equal size are windows side by side; others are not written.
Names adaptive(LayerCall& call, const char* op_type) {
    const std::size_t rank = call.rank() - 2;
    ops::Window window(rank);
    window.data_format = call.settings.get<DataFormat>("data_format");
    const Ints sizes = call.settings.get<Ints>("output_size");
    const Shape spatial = ops::SpatialShape::split(call.in[0], rank, window.data_format).spatial;
    for (std::size_t i = 0; i < rank; ++i) {
        if (spatial[i] == Shape::unknown || spatial[i] % sizes[i] != 0)
            fail(Code::unsupported, "parts of unequal size are not written as ONNX: spatial sizes ", spatial, " in ",
                 Shape(sizes));
        window.size[i] = window.strides[i] = spatial[i] / sizes[i];
    }
    return pool(call, op_type, window);
}

Names adaptive_max_pooling(LayerCall& call) { return adaptive(call, "MaxPool"); }
Names adaptive_average_pooling(LayerCall& call) { return adaptive(call, "AveragePool"); }

constexpr LayerForm forms[] = {
    {"AdaptiveAveragePooling1D", adaptive_average_pooling},
    {"AdaptiveAveragePooling2D", adaptive_average_pooling},
    {"AdaptiveAveragePooling3D", adaptive_average_pooling},
    {"AdaptiveMaxPooling1D", adaptive_max_pooling},
    {"AdaptiveMaxPooling2D", adaptive_max_pooling},
    {"AdaptiveMaxPooling3D", adaptive_max_pooling},
    {"AveragePooling1D", average_pooling},
    {"AveragePooling2D", average_pooling},
    {"AveragePooling3D", average_pooling},
    {"GlobalAveragePooling1D", global_average_pooling1d},
    {"GlobalAveragePooling2D", global_average_pooling},
    {"GlobalAveragePooling3D", global_average_pooling},
    {"GlobalMaxPooling1D", global_max_pooling},
    {"GlobalMaxPooling2D", global_max_pooling},
    {"GlobalMaxPooling3D", global_max_pooling},
    {"MaxPooling1D", max_pooling},
    {"MaxPooling2D", max_pooling},
    {"MaxPooling3D", max_pooling},
};

}  // namespace

LayerForms pooling_forms() { return forms; }

}  // namespace layerctl::onnx
