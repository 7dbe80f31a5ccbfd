// Operations on images: pooling, resizing, and moving between depth and space.
#include "engine/ops/pool.hpp"
#include "engine/ops/resize.hpp"
#include "engine/ops/spatial.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

using Names = std::vector<std::string_view>;

DataFormat data_format(const Arguments& a) {
    if (!a.given("data_format")) return DataFormat::channels_last;
    const std::string& name = a.text("data_format");
    if (name == "channels_first" || name == "NCHW") return DataFormat::channels_first;
    if (name == "channels_last" || name == "NHWC") return DataFormat::channels_last;
    fail(Code::unsupported, "argument 'data_format': wanted 'channels_last' or 'channels_first', found '", name, "'");
}

std::size_t spatial_rank(const Arguments& a) {
    const Shape shape = a.shape("x");
    if (shape.rank() < 3 || shape.rank() > 5) fail(Code::shape, "wanted rank 3, 4 or 5, found shape ", shape);
    return shape.rank() - 2;
}

std::vector<std::int64_t> per_spatial_axis(const Arguments& a, std::string_view name) {
    std::vector<std::int64_t> sizes = a.integers(name);
    if (sizes.size() == 1) sizes.assign(spatial_rank(a), sizes[0]);
    if (sizes.size() != spatial_rank(a))
        fail(Code::config, "argument '", name, "': wanted ", spatial_rank(a), " sizes, found ", sizes.size());
    for (const std::int64_t size : sizes)
        if (size < 1) fail(Code::config, "argument '", name, "': wanted positive sizes, found ", size);
    return sizes;
}

Window pool_window(const Arguments& a) {
    Window window(spatial_rank(a));
    window.size = per_spatial_axis(a, "pool_size");
    window.strides = a.given("strides") ? per_spatial_axis(a, "strides") : window.size;
    window.data_format = data_format(a);
    const std::string& padding = a.text("padding");
    if (padding != "valid" && padding != "same")
        fail(Code::unsupported, "argument 'padding': wanted 'valid' or 'same', found '", padding, "'");
    window.padding = padding == "same" ? Padding::same : Padding::valid;
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
    parts.spatial = Shape(per_spatial_axis(a, "output_size"));
    return {parts.joined(data_format(a))};
}

Boxes sliding(const Arguments& a, const Shape& spatial) { return window_boxes(pool_window(a), spatial); }
Boxes adaptive(const Arguments& a, const Shape& spatial) {
    return adaptive_boxes(spatial, per_spatial_axis(a, "output_size"));
}

using BoxRule = Boxes (*)(const Arguments&, const Shape&);
using ShapeRule = Shapes (*)(const Arguments&);

Op pooling(std::string_view class_name, std::string_view signature, Pooling kind, ShapeRule shapes, BoxRule boxes) {
    return {{}, {class_name}, signature, shapes, float_dtype, [=](const Arguments& a) -> Tensors {
                const Tensor x = x_as(a, carried(float_dtype(a)));
                const std::size_t rank = spatial_rank(a);
                const Boxes plan = boxes(a, SpatialShape::split(x.shape(), rank, data_format(a)).spatial);
                Tensor y = Tensor::uninitialized(x.dtype(), shapes(a).front());
                in_channels_last(x, y, rank, data_format(a),
                                 [&](const Tensor& from, Tensor& to) { pool(kind, plan, from, to); });
                return {y};
            }};
}

/// (batch, height, width, channels) of an image.
Shape image_shape(const Arguments& a) {
    const Shape shape = a.shape("x");
    if (shape.rank() != 4) fail(Code::shape, "wanted rank 4, found shape ", shape);
    if (data_format(a) == DataFormat::channels_first && !a.keras3())
        fail(Code::unsupported, "argument 'data_format': NCHW");
    const auto parts = SpatialShape::split(shape, 2, data_format(a));
    return parts.joined(DataFormat::channels_last);
}

std::int64_t block_size(const Arguments& a) {
    const std::int64_t block = a.integer("block_size");
    if (block < 1) fail(Code::config, "argument 'block_size': wanted a positive size, found ", block);
    return block;
}

std::int64_t divided(std::int64_t size, std::int64_t by, const Shape& shape) {
    if (size == Shape::unknown) return size;
    if (size % by != 0) fail(Code::shape, "shape ", shape, " does not divide into blocks by ", by);
    return size / by;
}

Shape in_format(const Arguments& a, const Shape& image) {
    return SpatialShape::split(image, 2, DataFormat::channels_last).joined(data_format(a));
}

Shape space_shape(const Arguments& a) {  // of depth_to_space, channels last
    const Shape in = image_shape(a);
    const std::int64_t block = block_size(a);
    return Shape{in[0], times(in[1], block), times(in[2], block), divided(in[3], times(block, block), in)};
}

Shape depth_shape(const Arguments& a) {  // of space_to_depth, channels last
    const Shape in = image_shape(a);
    const std::int64_t block = block_size(a);
    return Shape{in[0], divided(in[1], block, in), divided(in[2], block, in), times(in[3], times(block, block))};
}

Tensor image_of(const Arguments& a) {
    const Tensor x = x_as(a, a.dtype("x"));
    return data_format(a) == DataFormat::channels_last ? x : to_channels_last(x, 2);
}

Tensors image_result(const Arguments& a, const Tensor& y) {
    return {data_format(a) == DataFormat::channels_last ? y : to_channels_first(y, 2)};
}

// Channel (i·block + j)·depth + c of a pixel is channel c of the pixel (i, j) in its block.
Tensors depth_to_space(const Arguments& a) {
    const Tensor x = image_of(a);
    const Shape out = space_shape(a);
    const std::int64_t block = block_size(a);
    const Tensor blocks = x.reshaped(Shape{out[0], x.shape()[1], x.shape()[2], block, block, out[3]});
    return image_result(a, transpose(blocks, {0, 1, 3, 2, 4, 5}).reshaped(out));
}

Tensors space_to_depth(const Arguments& a) {
    const Tensor x = image_of(a);
    const Shape out = depth_shape(a);
    const std::int64_t block = block_size(a);
    const Tensor blocks = x.reshaped(Shape{out[0], out[1], block, out[2], block, x.shape()[3]});
    return image_result(a, transpose(blocks, {0, 1, 3, 2, 4, 5}).reshaped(out));
}

Shapes resized_shape(const Arguments& a) {
    const Shape in = a.shape("x");
    if (in.rank() != 4) fail(Code::unsupported, "wanted images of rank 4, found shape ", in);
    const std::vector<Size> size = a.sizes("size");
    if (size.size() != 2)
        fail(Code::config, "argument 'size': wanted height and width, found ", size.size(), " numbers");
    for (const Size side : size)
        if (side && *side < 1) fail(Code::config, "argument 'size': wanted positive sizes, found ", *side);
    return {Shape{in[0], size[0].value_or(Shape::unknown), size[1].value_or(Shape::unknown), in[3]}};
}

Interpolation interpolation(const Arguments& a) {
    Interpolation method = Interpolation::bilinear;
    if (!ConfigField<Interpolation>::read(a.constant("method"), method, a.dialect()))
        fail(Code::unsupported, "argument 'method': wanted ", ConfigField<Interpolation>::wanted(method), ", found ",
             excerpt(a.constant("method")));
    return method;
}

// Only the nearest neighbour keeps the dtype.
DType resized_dtype(const Arguments& a) {
    const DType dtype = number_dtype(a);
    const bool keeps = interpolation(a) == Interpolation::nearest;
    if (keeps && !is_floating(dtype)) fail(Code::unsupported, "nearest neighbours of ", dtype);
    return keeps ? dtype : DType::float32;
}

Tensors resize_run(const Arguments& a) {
    const DType dtype = carried(resized_dtype(a));
    Tensor y = Tensor::uninitialized(dtype, resized_shape(a).front());
    resize(interpolation(a), a.flag("antialias"), x_as(a, dtype), y);
    return {y};
}

}  // namespace

const OpList& image_ops() {
    static constexpr std::string_view window = "x|inputs pool_size strides=null padding=valid data_format=null";
    static constexpr std::string_view boxes = "x output_size data_format=null";
    static constexpr std::string_view blocks = "x|input block_size data_format=null";
    static const OpList ops = {
        floats_only(pooling("MaxPool", window, Pooling::max, pooled_shape, sliding)),
        pooling("AveragePool", window, Pooling::average, pooled_shape, sliding),
        floats_only(pooling("AdaptiveMaxPool", boxes, Pooling::max, adapted_shape, adaptive)),
        pooling("AdaptiveAveragePool", boxes, Pooling::average, adapted_shape, adaptive),
        {{"nn.depth_to_space"},
         {"DepthToSpace"},
         blocks,
         [](const Arguments& a) -> Shapes { return {in_format(a, space_shape(a))}; },
         same_dtype,
         depth_to_space},
        {{"nn.space_to_depth"},
         {"SpaceToDepth"},
         blocks,
         [](const Arguments& a) -> Shapes { return {in_format(a, depth_shape(a))}; },
         same_dtype,
         space_to_depth},
        {{"image.resize"},
         {},
         "x|images size method=bilinear !preserve_aspect_ratio=false antialias=false",
         resized_shape,
         resized_dtype,
         resize_run},
    };
    return ops;
}

}  // namespace layerctl::ops
