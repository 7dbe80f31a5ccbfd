// Convolutions called as functions.
#include "engine/ops/conv.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/spatial_rules.hpp"

namespace layerctl::ops {
namespace {

using Names = std::vector<std::string_view>;

/// The float dtype in which an image meets its kernel.
DType conv_dtype(const Arguments& a) {
    const DType dtype = common_dtype(a, {"x", "kernel"});
    if (!is_floating(dtype)) fail(Code::unsupported, "a convolution of ", dtype);
    return dtype;
}

/// The kernel (size…, channels in, channels out) of known sizes.
Shape kernel_shape(const Arguments& a, std::string_view name) {
    const Shape shape = a.shape(name);
    if (shape.rank() < 3 || shape.rank() > 5 || !shape.is_known())
        fail(Code::shape, "wanted a kernel of rank 3, 4 or 5, found shape ", shape);
    for (const std::int64_t size : shape)
        if (size < 1) fail(Code::shape, "wanted a kernel with elements, found shape ", shape);
    return shape;
}

/// What a convolution is called with.
struct Plan {
    Window window;
    WindowPadding padding;
    SpatialShape in;
    Shape kernel;

    Plan(const Arguments& a, std::string_view kernel_name)
        : window(kernel_shape(a, kernel_name).rank() - 2), kernel(kernel_shape(a, kernel_name)) {
        const std::size_t rank = window.rank();
        window.size = kernel.slice(0, rank).dims();
        window.strides = per_spatial_axis(a, "strides", rank);
        window.dilation = per_spatial_axis(a, "dilations", rank);
        window.data_format = data_format(a);
        padding = window_padding(a, rank);
        window.padding = padding.padding;
        in = SpatialShape::split(a.shape("x"), rank, window.data_format);
    }

    std::int64_t kernel_in() const { return kernel[window.rank()]; }
    std::int64_t kernel_out() const { return kernel[window.rank() + 1]; }

    Shapes output(Shape spatial, std::int64_t channels) const {
        return {SpatialShape{in.batch, std::move(spatial), channels}.joined(window.data_format)};
    }
    Shape output_sizes() const { return window.output(padding.padded(in.spatial)); }

    /// For inputs of known shape.
    ConvShape conv_shape(std::int64_t filters, std::int64_t groups) const {
        return {in.batch.elements(), window.axes(padding.padded(in.spatial)), in.channels, filters, groups};
    }
};

// The kernel takes all channels or, in groups, an equal share of them.
std::int64_t groups(const Plan& plan) {
    const std::int64_t channels = plan.in.channels;
    if (channels == Shape::unknown) return 1;
    if (channels % plan.kernel_in() != 0 || plan.kernel_out() % (channels / plan.kernel_in()) != 0)
        fail(Code::shape, "a kernel of shape ", plan.kernel, " does not fit ", channels, " channels");
    return channels / plan.kernel_in();
}

void require_same_channels(const Plan& plan) {
    if (plan.in.channels != plan.kernel_in() && plan.in.channels != Shape::unknown)
        fail(Code::shape, "a kernel of shape ", plan.kernel, " does not fit ", plan.in.channels, " channels");
}

/// Runs `compute(x, kernel, y)` on channels-last data with the zeros of an explicit padding in place.
template <class Compute>
Tensors convolve(const Arguments& a, const Plan& plan, const Shape& out, const Compute& compute) {
    const DType dtype = carried(conv_dtype(a));
    const Tensor kernel = a.tensor(a.operand("kernel"), dtype);
    Tensor y = Tensor::uninitialized(dtype, out);
    in_channels_last(a.tensor(a.operand("x"), dtype), y, plan.window.rank(), plan.window.data_format,
                     [&](const Tensor& from, Tensor& to) { compute(with_zeros(from, plan.padding), kernel, to); });
    return {y};
}

Shapes conv_output(const Arguments& a) {
    const Plan plan(a, "kernel");
    groups(plan);
    return plan.output(plan.output_sizes(), plan.kernel_out());
}

Tensors conv_run(const Arguments& a) {
    const Plan plan(a, "kernel");
    return convolve(a, plan, conv_output(a).front(), [&](const Tensor& x, const Tensor& kernel, Tensor& y) {
        conv(plan.conv_shape(plan.kernel_out(), groups(plan)), x, kernel, y);
    });
}

Shapes depthwise_output(const Arguments& a) {
    const Plan plan(a, "kernel");
    require_same_channels(plan);
    return plan.output(plan.output_sizes(), times(plan.kernel_in(), plan.kernel_out()));
}

Tensors depthwise_run(const Arguments& a) {
    const Plan plan(a, "kernel");
    return convolve(a, plan, depthwise_output(a).front(), [&](const Tensor& x, const Tensor& kernel, Tensor& y) {
        depthwise_conv(plan.conv_shape(times(plan.kernel_in(), plan.kernel_out()), 1), x, kernel, y);
    });
}

Shapes separable_output(const Arguments& a) {
    const Plan plan(a, "kernel");
    require_same_channels(plan);
    const Shape pointwise = kernel_shape(a, "pointwise");
    const std::int64_t between = times(plan.kernel_in(), plan.kernel_out());
    if (pointwise.rank() != plan.kernel.rank() || pointwise.elements(0, plan.window.rank()) != 1 ||
        pointwise[plan.window.rank()] != between)
        fail(Code::shape, "wanted a pointwise kernel for ", between, " channels, found shape ", pointwise);
    return plan.output(plan.output_sizes(), pointwise.back());
}

Tensors separable_run(const Arguments& a) {
    const Plan plan(a, "kernel");
    const std::int64_t between = times(plan.kernel_in(), plan.kernel_out());
    const Tensor pointwise = a.tensor(a.operand("pointwise"), carried(conv_dtype(a)));
    return convolve(a, plan, separable_output(a).front(), [&](const Tensor& x, const Tensor& kernel, Tensor& y) {
        const ConvShape depthwise = plan.conv_shape(between, 1);
        Tensor middle = Tensor::uninitialized(x.dtype(), y.shape().with(y.shape().rank() - 1, between));
        depthwise_conv(depthwise, x, kernel, middle);
        ConvShape mixing{depthwise.batch, {}, between, y.shape().back(), 1};
        mixing.axes[2].in = mixing.axes[2].out = output_positions(depthwise.axes);
        conv(mixing, middle, pointwise, y);
    });
}

Shape transposed_sizes(const Arguments& a, const Plan& plan) {
    const std::vector<Size> shape = a.sizes("output_shape");
    if (shape.size() != plan.window.rank() + 2)
        fail(Code::config, "argument 'output_shape': wanted ", plan.window.rank() + 2, " sizes, found ", shape.size());
    std::vector<std::int64_t> dims;
    for (const Size& size : shape) dims.push_back(size.value_or(Shape::unknown));
    return SpatialShape::split(Shape(std::move(dims)), plan.window.rank(), plan.window.data_format).spatial;
}

Shapes transposed_output(const Arguments& a) {
    const Plan plan(a, "kernel");
    if (!plan.padding.zeros.empty()) fail(Code::unsupported, "argument 'padding': zeros in a transposed convolution");
    if (plan.in.channels != plan.kernel_out() && plan.in.channels != Shape::unknown)
        fail(Code::shape, "a kernel of shape ", plan.kernel, " does not fit ", plan.in.channels, " channels");
    const Shape sizes = transposed_sizes(a, plan);
    if (!plan.window.output(sizes).is_compatible_with(plan.in.spatial))
        fail(Code::shape, "a convolution of spatial sizes ", sizes, " does not give ", plan.in.spatial);
    return plan.output(sizes, plan.kernel_in());
}

Tensors transposed_run(const Arguments& a) {
    const Plan plan(a, "kernel");
    return convolve(a, plan, transposed_output(a).front(), [&](const Tensor& x, const Tensor& kernel, Tensor& y) {
        const WindowAxes back = plan.window.axes(transposed_sizes(a, plan));
        const ConvShape shape{plan.in.batch.elements(), back, plan.in.channels, plan.kernel_in(), 1};
        conv_transpose(shape, x, kernel, y);
    });
}

Op tf_conv(Names names, std::string_view signature) {
    return {std::move(names), {}, signature, conv_output, conv_dtype, conv_run};
}

Op tf_transpose(Names names, std::string_view signature) {
    return {std::move(names), {}, signature, transposed_output, conv_dtype, transposed_run};
}

}  // namespace

const OpList& convolution_ops() {
    static constexpr std::string_view plain =
        "x|input kernel|filters|filter strides padding data_format=null dilations=null ~use_cudnn_on_gpu";
    static constexpr std::string_view depthwise =
        "x|input kernel|filter strides padding data_format=null dilations|rate=null";
    static constexpr std::string_view separable =
        "x|input kernel|depthwise_filter pointwise|pointwise_filter strides padding data_format=null "
        "dilations|rate=null";
    static constexpr std::string_view transposed =
        "x|input|value kernel|filters|filter output_shape strides padding=SAME data_format=null dilations=null";
    static constexpr std::string_view keras =
        "x|inputs kernel strides=1 padding=valid data_format=null dilations|dilation_rate=1";
    static const OpList ops = {
        tf_conv({"nn.conv1d", "compat.v1.nn.conv1d"},
                "x|input|value kernel|filters strides|stride padding ~use_cudnn_on_gpu data_format=null "
                "dilations=null"),
        tf_conv({"nn.conv2d", "nn.conv3d", "compat.v1.nn.conv2d", "compat.v1.nn.conv3d"}, plain),
        tf_conv({"nn.convolution"},
                "x|input kernel|filters strides=null padding=VALID data_format=null dilations=null"),
        tf_conv({"compat.v1.nn.convolution"},
                "x|input kernel|filter|filters padding strides=null dilations|dilation_rate=null data_format=null"),
        {{"nn.depthwise_conv2d", "compat.v1.nn.depthwise_conv2d"},
         {},
         depthwise,
         depthwise_output,
         conv_dtype,
         depthwise_run},
        {{"nn.separable_conv2d", "compat.v1.nn.separable_conv2d"},
         {},
         separable,
         separable_output,
         conv_dtype,
         separable_run},
        tf_transpose({"nn.conv1d_transpose", "nn.conv2d_transpose", "nn.conv3d_transpose",
                      "compat.v1.nn.conv2d_transpose", "compat.v1.nn.conv3d_transpose"},
                     transposed),
        tf_transpose({"nn.conv_transpose"}, transposed),
        {{}, {"Conv"}, keras, conv_output, conv_dtype, conv_run},
        {{}, {"DepthwiseConv"}, keras, depthwise_output, conv_dtype, depthwise_run},
        {{},
         {"SeparableConv"},
         "x|inputs kernel|depthwise_kernel pointwise|pointwise_kernel strides=1 padding=valid data_format=null "
         "dilations|dilation_rate=1",
         separable_output,
         conv_dtype,
         separable_run},
    };
    return ops;
}

}  // namespace layerctl::ops
