// Moving elements between space and depth, and between space and batch.
#include "engine/ops/move.hpp"
#include "engine/ops/spatial.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/spatial_rules.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

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

/// Blocks of the axes behind the batch, and what each of these axes gets or loses at its ends.
struct BatchBlocks {
    std::vector<std::int64_t> sizes;
    std::vector<std::int64_t> before, after;
    std::int64_t count = 1;  // elements of a block

    BatchBlocks(const Arguments& a, const char* ends) : sizes(a.integers("block_shape")) {
        if (a.constant("block_shape").integer() != nullptr) sizes.assign(2, sizes[0]);  // of images, in TensorFlow 1
        const Value::Array* pairs = a.constant(ends).array();
        if (sizes.empty() || pairs == nullptr || pairs->size() != sizes.size() || a.shape("x").rank() <= sizes.size())
            fail(Code::config, "wanted a block and two ends for each axis, found ", excerpt(a.constant("block_shape")),
                 " and ", excerpt(a.constant(ends)), " for shape ", a.shape("x"));
        for (const std::int64_t size : sizes) {
            if (size < 1) fail(Code::config, "argument 'block_shape': wanted positive sizes, found ", size);
            count = times(count, size);
        }
        for (const Value& pair : *pairs) add_ends(pair);
    }

private:
    void add_ends(const Value& pair) {
        const Value::Array* ends = pair.array();
        if (ends == nullptr || ends->size() != 2 || (*ends)[0].integer() == nullptr ||
            (*ends)[1].integer() == nullptr || *(*ends)[0].integer() < 0 || *(*ends)[1].integer() < 0)
            fail(Code::config, "wanted two sizes for the ends of an axis, found ", excerpt(pair));
        before.push_back(*(*ends)[0].integer());
        after.push_back(*(*ends)[1].integer());
    }
};

Shapes to_batch_shape(const Arguments& a) {
    const BatchBlocks blocks(a, "paddings");
    Shape shape = a.shape("x");
    shape[0] = times(shape[0], blocks.count);
    for (std::size_t i = 0; i < blocks.sizes.size(); ++i) {
        const std::int64_t padded = plus(shape[i + 1], plus(blocks.before[i], blocks.after[i]));
        shape[i + 1] = divided(padded, blocks.sizes[i], a.shape("x"));
    }
    return {shape};
}

Shapes from_batch_shape(const Arguments& a) {
    const BatchBlocks blocks(a, "crops");
    Shape shape = a.shape("x");
    shape[0] = divided(shape[0], blocks.count, a.shape("x"));
    for (std::size_t i = 0; i < blocks.sizes.size(); ++i) {
        shape[i + 1] = plus(times(shape[i + 1], blocks.sizes[i]), -plus(blocks.before[i], blocks.after[i]));
        if (shape[i + 1] < 0 && shape[i + 1] != Shape::unknown)
            fail(Code::shape, "nothing is left of axis ", i + 1, " of shape ", a.shape("x"));
    }
    return {shape};
}

// Row (i·…·n + b) of the result is the part of sample b at place i of its blocks.
Tensors space_to_batch(const Arguments& a) {
    const BatchBlocks blocks(a, "paddings");
    const Tensor x = x_as(a, a.dtype("x"));
    const std::size_t n = blocks.sizes.size();
    Shape padded = x.shape();
    std::vector<std::int64_t> offset(padded.rank(), 0);
    for (std::size_t i = 0; i < n; ++i) {
        offset[i + 1] = blocks.before[i];
        padded[i + 1] = plus(padded[i + 1], plus(blocks.before[i], blocks.after[i]));
    }
    Tensor whole(x.dtype(), padded);
    place(x, offset, whole);
    std::vector<std::int64_t> dims = {padded[0]};
    Permutation order, batch = {0};
    for (std::size_t i = 0; i < n; ++i) {
        dims.insert(dims.end(), {padded[i + 1] / blocks.sizes[i], blocks.sizes[i]});
        order.push_back(2 * i + 2);
        batch.push_back(2 * i + 1);
    }
    order.insert(order.end(), batch.begin(), batch.end());
    for (std::size_t i = n + 1; i < padded.rank(); ++i) {
        order.push_back(dims.size());
        dims.push_back(padded[i]);
    }
    return {transpose(whole.reshaped(Shape(dims)), order).reshaped(to_batch_shape(a).front())};
}

Tensors batch_to_space(const Arguments& a) {
    const BatchBlocks blocks(a, "crops");
    const Tensor x = x_as(a, a.dtype("x"));
    const std::size_t n = blocks.sizes.size();
    Shape whole = x.shape();
    std::vector<std::int64_t> dims = blocks.sizes, offset(whole.rank(), 0);
    dims.push_back(divided(whole[0], blocks.count, whole));
    whole[0] = dims.back();
    Permutation order = {n};
    for (std::size_t i = 0; i < n; ++i) {
        order.insert(order.end(), {n + 1 + i, i});
        dims.push_back(whole[i + 1]);
        whole[i + 1] = times(whole[i + 1], blocks.sizes[i]);
        offset[i + 1] = -blocks.before[i];
    }
    for (std::size_t i = n + 1; i < whole.rank(); ++i) {
        order.push_back(dims.size());
        dims.push_back(whole[i]);
    }
    Tensor y = Tensor::uninitialized(x.dtype(), from_batch_shape(a).front());
    place(transpose(x.reshaped(Shape(dims)), order).reshaped(whole), offset, y);
    return {y};
}

}  // namespace

const OpList& block_ops() {
    static constexpr std::string_view blocks = "x|input block_size data_format=null";
    static const OpList ops = {
        {{"nn.depth_to_space", "compat.v1.depth_to_space"},
         {"DepthToSpace"},
         blocks,
         [](const Arguments& a) -> Shapes { return {in_format(a, space_shape(a))}; },
         same_dtype,
         depth_to_space},
        {{"nn.space_to_depth", "compat.v1.space_to_depth"},
         {"SpaceToDepth"},
         blocks,
         [](const Arguments& a) -> Shapes { return {in_format(a, depth_shape(a))}; },
         same_dtype,
         space_to_depth},
        {{"space_to_batch_nd", "space_to_batch", "compat.v1.space_to_batch_nd", "compat.v1.space_to_batch"},
         {},
         "x|input block_shape|block_size paddings",
         to_batch_shape,
         same_dtype,
         space_to_batch},
        {{"batch_to_space", "compat.v1.batch_to_space_nd", "compat.v1.batch_to_space"},
         {},
         "x|input block_shape|block_size crops",
         from_batch_shape,
         same_dtype,
         batch_to_space},
    };
    return ops;
}

}  // namespace layerctl::ops
