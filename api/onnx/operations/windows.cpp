// Convolutions, pools and blocks of images called as functions.
#include "api/onnx/operations/operation.hpp"
#include "api/onnx/spatial.hpp"
#include "api/onnx/steps.hpp"
#include "engine/ops/table/spatial_rules.hpp"

namespace layerctl::onnx {
namespace {

/// What the arguments say beside the window's size.
ops::Window window_of(const OperationCall& call, const Ints& size, const char* dilations) {
    ops::Window window(size.size());
    window.size = size;
    window.data_format = ops::data_format(call.a);
    const bool side_by_side = call.a.has("pool_size") && call.a.keras3() && !call.a.given("strides");
    window.strides = side_by_side ? size : ops::per_spatial_axis(call.a, "strides", size.size());
    if (dilations != nullptr) window.dilation = ops::per_spatial_axis(call.a, dilations, size.size());
    const ops::WindowPadding padding = ops::window_padding(call.a, size.size());
    if (!padding.zeros.empty()) fail(Code::unsupported, "padding in numbers is not written as ONNX");
    window.padding = padding.padding;
    return window;
}

Shape spatial_of(const OperationCall& call, const ops::Window& window) {
    if (call.rank() != window.rank() + 2) fail(Code::unsupported, "several batch axes are not written as ONNX");
    return ops::SpatialShape::split(call.a.shape("x"), window.rank(), window.data_format).spatial;
}

Names conv(OperationCall& call) {
    require_float(call);
    const Shape kernel = call.a.shape("kernel");
    const std::size_t rank = kernel.rank() - 2;
    const ops::Window window = window_of(call, kernel.slice(0, rank).dims(), "dilations");
    const Name x = to_channels_first(call.b, call.x_as_output(), rank, window.data_format);
    const Name turned =
        transpose(call.b, call.operand("kernel", call.dtypes[0]), kernel_to_channels_first(rank));
    Placed placed = place_window(call.b, x, window, spatial_of(call, window), true);
    const std::int64_t channels = ops::SpatialShape::split(call.a.shape("x"), rank, window.data_format).channels;
    placed.attributes.push_back({"group", channels / kernel[rank]});
    return {from_channels_first(call.b, call.b.add("Conv", {placed.x, turned}, placed.attributes), rank,
                                window.data_format)};
}

Names pool(OperationCall& call, const char* op_type) {
    require_float(call);
    const ops::Window window = window_of(call, ops::per_spatial_axis(call.a, "pool_size", call.rank() - 2), nullptr);
    const Name x = to_channels_first(call.b, call.x_as_output(), window.rank(), window.data_format);
    const Placed placed = place_window(call.b, x, window, spatial_of(call, window), false);
    return {from_channels_first(call.b, call.b.add(op_type, {placed.x}, placed.attributes), window.rank(),
                                window.data_format)};
}

Names max_pool(OperationCall& call) { return pool(call, "MaxPool"); }
Names average_pool(OperationCall& call) { return pool(call, "AveragePool"); }

/// ONNX orders the elements of a block as TensorFlow does.
Names blocks(OperationCall& call, const char* op_type, Attributes attributes) {
    const DataFormat format = ops::data_format(call.a);
    attributes.push_back({"blocksize", call.a.integer("block_size")});
    const Name x = to_channels_first(call.b, call.x_itself(), 2, format);
    return {from_channels_first(call.b, call.b.add(op_type, {x}, attributes), 2, format)};
}

Names depth_to_space(OperationCall& call) { return blocks(call, "DepthToSpace", {{"mode", std::string("DCR")}}); }
Names space_to_depth(OperationCall& call) { return blocks(call, "SpaceToDepth", {}); }

constexpr OperationForm forms[] = {
    {"Conv", conv},
    {"tf.nn.conv1d", conv},
    {"tf.nn.conv2d", conv},
    {"tf.nn.convolution", conv},
    {"MaxPool", max_pool},
    {"tf.nn.max_pool", max_pool},
    {"AveragePool", average_pool},
    {"tf.nn.avg_pool", average_pool},
    {"DepthToSpace", depth_to_space},
    {"SpaceToDepth", space_to_depth},
};

}  // namespace

OperationForms window_forms() { return forms; }

}  // namespace layerctl::onnx
