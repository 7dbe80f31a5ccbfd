// Patches of images and volumes.
#include "engine/ops/patches.hpp"

#include "engine/ops/move.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/spatial_rules.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

/// A window over `rank` spatial axes under the names TensorFlow and Keras give its parts.
Window tf_window(const Arguments& a, std::size_t rank) {
    Window window(rank);
    window.size = per_spatial_axis(a, "sizes", rank);
    window.strides = per_spatial_axis(a, "strides", rank);
    window.dilation = per_spatial_axis(a, "rates", rank);
    window.padding = window_padding(a, rank).padding;
    return window;
}

Window keras_window(const Arguments& a) {
    const std::size_t given = a.integers("sizes").size(), rank = given == 1 ? 2 : given;
    if (rank != 2 && rank != 3) fail(Code::config, "argument 'size': wanted 2 or 3 sizes, found ", given);
    Window window = tf_window(a, rank);
    if (!a.given("strides")) window.strides = window.size;
    window.data_format = data_format(a);
    return window;
}

SpatialShape parts_of(const Arguments& a, const Window& window) {
    if (a.shape("x").rank() != window.rank() + 2)
        fail(Code::unsupported, "wanted rank ", window.rank() + 2, ", found shape ", a.shape("x"));
    return SpatialShape::split(a.shape("x"), window.rank(), window.data_format);
}

std::int64_t taps(const Window& window) {
    std::int64_t product = 1;
    for (const std::int64_t size : window.size) product = times(product, size);
    return product;
}

Shape patches_shape(const Arguments& a, const Window& window) {
    auto parts = parts_of(a, window);
    parts.spatial = window.output(parts.spatial);
    parts.channels = times(parts.channels, taps(window));
    return parts.joined(window.data_format);
}

/// y (batch, outputs…, taps · channels) from x (batch, inputs…, channels).
void gather_patches(const Window& window, const Tensor& x, Tensor& y) {
    const auto parts = SpatialShape::split(x.shape(), window.rank(), DataFormat::channels_last);
    const WindowAxes axes = window.axes(parts.spatial);
    with_numeric(x.dtype(), [&]<class T>(Type<T>) {
        if constexpr (std::is_arithmetic_v<T>)
            Patches<T>(axes, parts.channels, parts.channels)
                .gather(x.values<T>().data(), 0, parts.batch.elements() * output_positions(axes),
                        y.mutable_values<T>().data());
    });
}

Tensors extract(const Arguments& a, const Window& window) {
    const Tensor x = x_as(a, a.dtype("x"));
    Tensor y = Tensor::uninitialized(x.dtype(), patches_shape(a, window));
    in_channels_last(x, y, window.rank(), window.data_format,
                     [&](const Tensor& from, Tensor& to) { gather_patches(window, from, to); });
    return {y};
}

Op extraction(std::vector<std::string_view> tf, std::vector<std::string_view> keras3, std::string_view signature,
              Window (*window)(const Arguments&)) {
    return {std::move(tf), std::move(keras3),
            signature,     [window](const Arguments& a) -> Shapes { return {patches_shape(a, window(a))}; },
            number_dtype,  [window](const Arguments& a) { return extract(a, window(a)); }};
}

/// Zeros around the image, then a window that ends inside.
struct Unfolding {
    Window window;
    WindowPadding padding;

    explicit Unfolding(const Arguments& a) : window(2) {
        window.size = per_spatial_axis(a, "kernel_size", 2);
        window.strides = per_spatial_axis(a, "stride", 2);
        window.dilation = per_spatial_axis(a, "dilation", 2);
        std::vector<std::int64_t> zeros = a.integers("padding");
        if (zeros.size() == 1) zeros.assign(2, zeros[0]);
        if (zeros.size() != 2 || zeros[0] < 0 || zeros[1] < 0)
            fail(Code::config, "argument 'padding': wanted 2 sizes, found ", Shape(zeros));
        for (const std::int64_t size : zeros) padding.zeros.push_back({size, size});
    }
};

// (batch, channels, height, width) to (batch, channels · taps, positions).
Shapes unfolded_shape(const Arguments& a) {
    const Unfolding plan(a);
    const Shape x = a.shape("x");
    if (x.rank() != 4) fail(Code::shape, "wanted rank 4, found shape ", x);
    const Shape out = plan.window.output(plan.padding.padded(x.slice(2, 4)));
    return {Shape{x[0], times(x[1], taps(plan.window)), out.is_known() ? out.elements() : Shape::unknown}};
}

Tensors unfold(const Arguments& a) {
    const Unfolding plan(a);
    const Tensor x = with_zeros(to_channels_last(x_as(a, a.dtype("x")), 2), plan.padding);
    const Shape out = unfolded_shape(a).front();
    const std::int64_t n = taps(plan.window);
    Tensor rows = Tensor::uninitialized(x.dtype(), Shape{out[0], out[2], n * x.shape()[3]});
    gather_patches(plan.window, x, rows);
    return {transpose(rows.reshaped(Shape{out[0], out[2], n, x.shape()[3]}), {0, 3, 2, 1}).reshaped(out)};
}

/// The sizes of the images that `fold` puts together.
Shape folded_sizes(const Arguments& a) { return Shape(per_spatial_axis(a, "output_size", 2)); }

Shapes folded_shape(const Arguments& a) {
    const Unfolding plan(a);
    const Shape x = a.shape("x"), out = plan.window.output(plan.padding.padded(folded_sizes(a)));
    const std::int64_t n = taps(plan.window);
    if (x.rank() != 3 || (x[1] != Shape::unknown && x[1] % n != 0) ||
        (x[2] != Shape::unknown && x[2] != out.elements()))
        fail(Code::shape, "wanted (batch, channels · ", n, ", ", out.elements(), "), found shape ", x);
    const Shape sizes = folded_sizes(a);
    return {Shape{x[0], x[1] == Shape::unknown ? x[1] : x[1] / n, sizes[0], sizes[1]}};
}

// The reverse of `unfold`: what lies in several patches is the sum of them.
Tensors fold(const Arguments& a) {
    const Unfolding plan(a);
    const Tensor x = x_as(a, carried(float_dtype(a)));
    const Shape out = folded_shape(a).front(), padded = plan.padding.padded(folded_sizes(a));
    const std::int64_t n = taps(plan.window), batch = out[0], channels = out[1], positions = x.shape()[2];
    const WindowAxes axes = plan.window.axes(padded);
    const Tensor rows = transpose(x.reshaped(Shape{batch, channels, n, positions}), {0, 3, 2, 1});
    Tensor whole(x.dtype(), Shape{batch, padded[0], padded[1], channels});
    with_float(x.dtype(), [&]<class T>(Type<T>) {
        Patches<T>(axes, channels, channels)
            .scatter(rows.values<T>().data(), 0, batch * positions, whole.mutable_values<T>().data());
    });
    Tensor y = Tensor::uninitialized(x.dtype(), Shape{batch, out[2], out[3], channels});
    place(whole, {0, -plan.padding.zeros[0][0], -plan.padding.zeros[1][0], 0}, y);
    return {to_channels_first(y, 2)};
}

}  // namespace

const OpList& patch_ops() {
    static constexpr std::string_view keras =
        "x|images|volumes sizes|size strides=null rates|dilation_rate=1 padding=valid data_format=null";
    static const OpList ops = {
        extraction({"image.extract_patches"}, {}, "x|images sizes strides rates padding",
                   [](const Arguments& a) { return tf_window(a, 2); }),
        extraction({"compat.v1.image.extract_image_patches", "compat.v1.extract_image_patches"}, {},
                   "x|images sizes|ksizes=null strides=null rates=null padding=null",
                   [](const Arguments& a) { return tf_window(a, 2); }),
        extraction({"extract_volume_patches"}, {}, "x|input sizes|ksizes strides padding rates=null",
                   [](const Arguments& a) { return tf_window(a, 3); }),
        extraction({}, {"ExtractPatches", "ExtractPatches3D"}, keras, keras_window),
        {{}, {"Unfold"}, "x|input kernel_size dilation=1 padding=0 stride=1", unfolded_shape, number_dtype, unfold},
        {{}, {"Fold"}, "x output_size kernel_size dilation=1 padding=0 stride=1", folded_shape, float_dtype, fold},
    };
    return ops;
}

}  // namespace layerctl::ops
