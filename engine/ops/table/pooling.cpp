// Pooling called as functions.
#include "engine/ops/pool.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/spatial_rules.hpp"

namespace layerctl::ops {
namespace {

using Names = std::vector<std::string_view>;
using BoxRule = Boxes (*)(const Arguments&, const Shape&);
using ShapeRule = Shapes (*)(const Arguments&);

std::size_t spatial_rank(const Arguments& a) {
    const Shape shape = a.shape("x");
    if (shape.rank() < 3 || shape.rank() > 5) fail(Code::shape, "wanted rank 3, 4 or 5, found shape ", shape);
    return shape.rank() - 2;
}

std::vector<std::int64_t> per_axis(const Arguments& a, std::string_view name) {
    return per_spatial_axis(a, name, spatial_rank(a));
}

// Without strides Keras 3 moves on by the size of the window, TensorFlow by one element.
Window pool_window(const Arguments& a) {
    Window window(spatial_rank(a));
    window.size = per_axis(a, "pool_size");
    window.strides = a.keras3() && !a.given("strides") ? window.size : per_axis(a, "strides");
    window.data_format = data_format(a);
    const WindowPadding padding = window_padding(a, window.rank());
    if (!padding.zeros.empty()) fail(Code::unsupported, "argument 'padding': zeros around a pool");
    window.padding = padding.padding;
    return window;
}

Shapes pooled_shape(const Arguments& a) {
    const Window window = pool_window(a);
    auto parts = SpatialShape::split(a.shape("x"), window.rank(), window.data_format);
    parts.spatial = window.output(parts.spatial);
    return {parts.joined(window.data_format)};
}

Shapes adapted_shape(const Arguments& a) {
    auto parts = SpatialShape::split(a.shape("x"), spatial_rank(a), data_format(a));
    for (const std::int64_t size : parts.spatial)
        if (size == 0) fail(Code::shape, "spatial sizes must not be 0, found shape ", a.shape("x"));
    parts.spatial = Shape(per_axis(a, "output_size"));
    return {parts.joined(data_format(a))};
}

Boxes sliding(const Arguments& a, const Shape& spatial) { return window_boxes(pool_window(a), spatial); }
Boxes adaptive(const Arguments& a, const Shape& spatial) { return adaptive_boxes(spatial, per_axis(a, "output_size")); }

Tensor pooled(const Arguments& a, Pooling kind, const Shape& shape, BoxRule boxes) {
    const Tensor x = x_as(a, carried(float_dtype(a)));
    const std::size_t rank = spatial_rank(a);
    const Boxes plan = boxes(a, SpatialShape::split(x.shape(), rank, data_format(a)).spatial);
    Tensor y = Tensor::uninitialized(x.dtype(), shape);
    in_channels_last(x, y, rank, data_format(a), [&](const Tensor& from, Tensor& to) { pool(kind, plan, from, to); });
    return y;
}

Op pooling(Names tf, Names keras3, std::string_view signature, Pooling kind, ShapeRule shapes, BoxRule boxes) {
    return {std::move(tf), std::move(keras3),
            signature,     shapes,
            float_dtype,   [=](const Arguments& a) -> Tensors {
                return {pooled(a, kind, shapes(a).front(), boxes)}; }};
}

Op any_pooling(Names tf, std::string_view signature) {
    const auto kind = [](const Arguments& a) {
        const std::string& name = a.text("pooling_type");
        if (name != "MAX" && name != "AVG")
            fail(Code::config, "argument 'pooling_type': wanted 'MAX' or 'AVG', found '", name, "'");
        return name == "MAX" ? Pooling::max : Pooling::average;
    };
    return {std::move(tf), {}, signature, pooled_shape, float_dtype, [kind](const Arguments& a) -> Tensors {
                return {pooled(a, kind(a), pooled_shape(a).front(), sliding)};
            }};
}

}  // namespace

const OpList& pooling_ops() {
    static constexpr std::string_view tf = "x|input|value pool_size|ksize strides padding data_format=null";
    static constexpr std::string_view keras = "x|inputs pool_size strides=null padding=valid data_format=null";
    static constexpr std::string_view boxes = "x|inputs output_size data_format=null";
    static const OpList ops = {
        floats_only(pooling({"nn.max_pool", "nn.max_pool1d", "nn.max_pool2d", "nn.max_pool3d", "compat.v1.nn.max_pool"},
                            {}, tf, Pooling::max, pooled_shape, sliding)),
        pooling({"nn.avg_pool", "nn.avg_pool1d", "nn.avg_pool2d", "nn.avg_pool3d", "compat.v1.nn.avg_pool"}, {}, tf,
                Pooling::average, pooled_shape, sliding),
        any_pooling({"nn.pool"},
                    "x|input pool_size|window_shape pooling_type strides=null padding=VALID data_format=null "
                    "!dilations=null"),
        any_pooling({"compat.v1.nn.pool"},
                    "x|input pool_size|window_shape pooling_type padding !dilation_rate=null strides=null "
                    "data_format=null !dilations=null"),
        floats_only(pooling({}, {"MaxPool"}, keras, Pooling::max, pooled_shape, sliding)),
        pooling({}, {"AveragePool"}, keras, Pooling::average, pooled_shape, sliding),
        floats_only(pooling({}, {"AdaptiveMaxPool"}, boxes, Pooling::max, adapted_shape, adaptive)),
        pooling({}, {"AdaptiveAveragePool"}, boxes, Pooling::average, adapted_shape, adaptive),
    };
    return ops;
}

}  // namespace layerctl::ops
