// Images of another height and width.
#include <algorithm>
#include <cmath>

#include "engine/ops/legacy_resize.hpp"
#include "engine/ops/move.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/spatial_rules.hpp"

namespace layerctl::ops {
namespace {

using Names = std::vector<std::string_view>;

/// Height and width, of which a tensor may decide.
struct Target {
    Size height, width;
};

void require_images(const Arguments& a) {
    if (a.shape("x").rank() != 4) fail(Code::unsupported, "wanted images of rank 4, found shape ", a.shape("x"));
}

Target given_size(const Arguments& a) {
    const std::vector<Size> size = a.sizes("size");
    if (size.size() != 2)
        fail(Code::config, "argument 'size': wanted height and width, found ", size.size(), " numbers");
    for (const Size& side : size) {
        if (side && *side < 1) fail(Code::config, "argument 'size': wanted positive sizes, found ", *side);
        require_bounded(side.value_or(1), "size");
    }
    return {size[0], size[1]};
}

// The largest size within the given one at the aspect ratio of the image, in float32 and rounded half to even.
Target fitting_size(const Arguments& a, const Target& most) {
    const Shape in = a.shape("x");
    if (!most.height || !most.width || in[1] == Shape::unknown || in[2] == Shape::unknown) return {};
    const auto height = static_cast<float>(in[1]), width = static_cast<float>(in[2]);
    const float scale = std::min(static_cast<float>(*most.height) / height, static_cast<float>(*most.width) / width);
    return {static_cast<std::int64_t>(std::nearbyint(scale * height)),
            static_cast<std::int64_t>(std::nearbyint(scale * width))};
}

Target target(const Arguments& a) {
    const Target size = given_size(a);
    return a.flag("preserve_aspect_ratio") ? fitting_size(a, size) : size;
}

Shapes resized_shape(const Arguments& a) {
    require_images(a);
    const Shape in = a.shape("x");
    const Target size = target(a);
    return {Shape{in[0], size.height.value_or(Shape::unknown), size.width.value_or(Shape::unknown), in[3]}};
}

// TensorFlow 1 numbers the methods.
Interpolation interpolation(const Arguments& a) {
    static constexpr Interpolation numbered[] = {Interpolation::bilinear, Interpolation::nearest,
                                                 Interpolation::bicubic, Interpolation::area};
    const Value& value = a.constant("method");
    if (value.integer() != nullptr && *value.integer() >= 0 && *value.integer() < 4) return numbered[*value.integer()];
    Interpolation method = Interpolation::bilinear;
    if (!ConfigField<Interpolation>::read(value, method, a.dialect()))
        fail(Code::unsupported, "argument 'method': wanted ", ConfigField<Interpolation>::wanted(method), ", found ",
             excerpt(value));
    return method;
}

// Only the nearest neighbour keeps the dtype.
DType resized_dtype(const Arguments& a, Interpolation method) {
    const DType dtype = number_dtype(a);
    const bool keeps = method == Interpolation::nearest;
    if (keeps && !is_floating(dtype)) fail(Code::unsupported, "nearest neighbours of ", dtype);
    return keeps ? dtype : DType::float32;
}

PixelGrid legacy_grid(const Arguments& a, Interpolation method, bool half_pixel = false) {
    const bool aligned = a.flag("align_corners");
    if (aligned && half_pixel) fail(Code::config, "align_corners and half_pixel_centers exclude each other");
    if (method == Interpolation::area && aligned) fail(Code::unsupported, "argument 'align_corners' with areas");
    if (method != Interpolation::nearest && method != Interpolation::bilinear && method != Interpolation::bicubic &&
        method != Interpolation::area)
        fail(Code::config, "argument 'method': not one of TensorFlow 1");
    return aligned ? PixelGrid::aligned : half_pixel ? PixelGrid::half_pixel : PixelGrid::corner;
}

Op resize_op() {
    const auto dtype = [](const Arguments& a) { return resized_dtype(a, interpolation(a)); };
    return {{"image.resize"},
            {},
            "x|images size method=bilinear preserve_aspect_ratio=false antialias=false",
            resized_shape,
            dtype,
            [dtype](const Arguments& a) -> Tensors {
                Tensor y = Tensor::uninitialized(carried(dtype(a)), resized_shape(a).front());
                resize(interpolation(a), a.flag("antialias"), x_as(a, y.dtype()), y);
                return {y};
            }};
}

// Images that have the size already stay as they are, dtype included.
Op legacy_resize_op() {
    const auto dtype = [](const Arguments& a) { return resized_dtype(a, interpolation(a)); };
    return {{"compat.v1.image.resize_images", "compat.v1.image.resize"},
            {},
            "x|images size method=0 align_corners=false preserve_aspect_ratio=false",
            resized_shape,
            dtype,
            [dtype](const Arguments& a) -> Tensors {
                Tensor y = Tensor::uninitialized(carried(dtype(a)), resized_shape(a).front());
                resize_on(legacy_grid(a, interpolation(a)), interpolation(a), x_as(a, y.dtype()), y);
                return {y};
            }};
}

Op legacy_kernel(Names names, Interpolation method) {
    const auto dtype = [method](const Arguments& a) { return resized_dtype(a, method); };
    const auto shapes = [](const Arguments& a) -> Shapes {
        require_images(a);
        const Target size = given_size(a);
        const Shape in = a.shape("x");
        return {Shape{in[0], size.height.value_or(Shape::unknown), size.width.value_or(Shape::unknown), in[3]}};
    };
    return {std::move(names),
            {},
            "x|images size align_corners=false half_pixel_centers=false",
            shapes,
            dtype,
            [=](const Arguments& a) -> Tensors {
                Tensor y = Tensor::uninitialized(carried(dtype(a)), shapes(a).front());
                resize_on(legacy_grid(a, method, a.flag("half_pixel_centers")), method, x_as(a, y.dtype()), y);
                return {y};
            }};
}

/// Height and width of an image.
struct ImageSize {
    std::int64_t height = 0, width = 0;
};

ImageSize frame(const Arguments& a) {
    const ImageSize size{a.integer("target_height"), a.integer("target_width")};
    if (size.height < 1 || size.width < 1)
        fail(Code::config, "wanted a positive height and width, found ", size.height, " and ", size.width);
    require_bounded(std::max(size.height, size.width), "target_height");
    return size;
}

/// The image as large as it fits into a frame, in the middle of zeros; worked out in float32 as TensorFlow does.
struct Fit {
    ImageSize size;
    std::int64_t top, left;

    Fit(const Shape& image, const ImageSize& frame) {
        const auto height = static_cast<float>(image[1]), width = static_cast<float>(image[2]);
        const auto most_height = static_cast<float>(frame.height), most_width = static_cast<float>(frame.width);
        const float ratio = std::max(width / most_width, height / most_height);
        size = {static_cast<std::int64_t>(std::floor(height / ratio)),
                static_cast<std::int64_t>(std::floor(width / ratio))};
        top = std::max<std::int64_t>(static_cast<std::int64_t>(std::floor((most_height - height / ratio) / 2)), 0);
        left = std::max<std::int64_t>(static_cast<std::int64_t>(std::floor((most_width - width / ratio) / 2)), 0);
    }
};

Shapes framed_shape(const Arguments& a) {
    require_images(a);
    return {Shape{a.shape("x")[0], frame(a).height, frame(a).width, a.shape("x")[3]}};
}

Op resize_with_pad(Names names, std::string_view signature, bool legacy) {
    const auto dtype = [](const Arguments& a) { return resized_dtype(a, interpolation(a)); };
    return {std::move(names), {}, signature, framed_shape, dtype, [=](const Arguments& a) -> Tensors {
                const Shape in = a.shape("x");
                const Fit fit(in, frame(a));
                const Tensor x = x_as(a, carried(dtype(a)));
                Tensor inner = Tensor::uninitialized(x.dtype(), Shape{in[0], fit.size.height, fit.size.width, in[3]});
                if (legacy) resize_on(legacy_grid(a, interpolation(a)), interpolation(a), x, inner);
                else resize(interpolation(a), a.flag("antialias"), x, inner);
                Tensor y(x.dtype(), framed_shape(a).front());
                place(inner, {0, fit.top, fit.left, 0}, y);
                return {y};
            }};
}

Shapes keras_resized_shape(const Arguments& a) {
    require_images(a);
    auto parts = SpatialShape::split(a.shape("x"), 2, data_format(a));
    parts.spatial = Shape(per_spatial_axis(a, "size", 2));
    return {parts.joined(data_format(a))};
}

Tensors keras_resize(const Arguments& a) {
    const Tensor x = x_as(a, carried(a.dtype("x")));
    Tensor y = Tensor::uninitialized(x.dtype(), keras_resized_shape(a).front());
    in_channels_last(x, y, 2, data_format(a),
                     [&](const Tensor& from, Tensor& to) { resize(interpolation(a), a.flag("antialias"), from, to); });
    return {y};
}

}  // namespace

const OpList& resizing_ops() {
    static const OpList ops = {
        resize_op(),
        legacy_resize_op(),
        legacy_kernel({"compat.v1.image.resize_bilinear"}, Interpolation::bilinear),
        legacy_kernel({"compat.v1.image.resize_nearest_neighbor"}, Interpolation::nearest),
        legacy_kernel({"compat.v1.image.resize_bicubic"}, Interpolation::bicubic),
        legacy_kernel({"compat.v1.image.resize_area"}, Interpolation::area),
        resize_with_pad({"image.resize_with_pad"}, "x|image target_height target_width method=bilinear antialias=false",
                        false),
        resize_with_pad({"compat.v1.image.resize_image_with_pad"},
                        "x|image target_height target_width method=0 align_corners=false", true),
        floats_only({{},
                     {"Resize"},
                     "x|images size method|interpolation=bilinear antialias=false !crop_to_aspect_ratio=false "
                     "!pad_to_aspect_ratio=false ~fill_mode ~fill_value data_format=null",
                     keras_resized_shape,
                     same_dtype,
                     keras_resize}),
    };
    return ops;
}

}  // namespace layerctl::ops
