// Colours, light and edges of images.
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/ops/conv.hpp"
#include "engine/ops/move.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/spatial_rules.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

using Names = std::vector<std::string_view>;

DataFormat format(const Arguments& a) { return a.keras3() ? data_format(a) : DataFormat::channels_last; }

/// The axes of an image, of which `channels` are wanted.
SpatialShape image_of(const Arguments& a, std::int64_t channels) {
    if (a.shape("x").rank() != 4) fail(Code::unsupported, "wanted images of rank 4, found shape ", a.shape("x"));
    const SpatialShape parts = SpatialShape::split(a.shape("x"), 2, format(a));
    if (parts.channels != channels && parts.channels != Shape::unknown)
        fail(Code::shape, "wanted ", channels, " channels, found shape ", a.shape("x"));
    return parts;
}

/// An operation on each pixel: `f(arguments, in, out)` reads `from` channels and writes `to`.
template <class F>
Op per_pixel(Names tf, Names keras3, std::string_view signature, std::int64_t from, std::int64_t to, F f) {
    const auto shapes = [=](const Arguments& a) -> Shapes {
        SpatialShape parts = image_of(a, from);
        parts.channels = to;
        return {parts.joined(format(a))};
    };
    return floats_only(
        {std::move(tf), std::move(keras3), signature, shapes, same_dtype, [=](const Arguments& a) -> Tensors {
             const Tensor x = x_as(a, carried(a.dtype("x")));
             Tensor y = Tensor::uninitialized(x.dtype(), shapes(a).front());
             in_channels_last(x, y, 2, format(a), [&](const Tensor& images, Tensor& results) {
                 with_float(x.dtype(), [&]<class T>(Type<T>) {
                     const auto in = images.values<T>();
                     T* out = results.mutable_values<T>().data();
                     for (std::size_t i = 0; i < in.size(); i += static_cast<std::size_t>(from), out += to)
                         f(a, in.data() + i, out);
                 });
             });
             return {y};
         }});
}

/// out[j] = Σ in[i] · matrix[i][j]
using Matrix = std::array<std::array<double, 3>, 3>;
Op mixing(std::string_view function, const Matrix& matrix) {
    return per_pixel({function}, {}, "x|images", 3, 3, [matrix]<class T>(const Arguments&, const T* in, T* out) {
        for (std::size_t j = 0; j < 3; ++j) {
            out[j] = 0;
            for (std::size_t i = 0; i < 3; ++i) out[j] += in[i] * static_cast<T>(matrix[i][j]);
        }
    });
}

/// A colour as its hue in [0, 1) and the range of its channels.
template <class T>
struct Hue {
    T hue, low, high;

    explicit Hue(const T* rgb) : low(*std::min_element(rgb, rgb + 3)), high(*std::max_element(rgb, rgb + 3)) {
        const T range = high - low, sixth = 1 / (6 * range);
        hue = rgb[0] == high   ? (rgb[1] - rgb[2]) * sixth
              : rgb[1] == high ? (rgb[2] - rgb[0]) * sixth + T(2) / 6
                               : (rgb[0] - rgb[1]) * sixth + T(4) / 6;
        if (!(range > 0)) hue = 0;
        if (hue < 0) hue += 1;
    }
    T saturation() const { return high > 0 ? (high - low) / high : T{0}; }
};

template <class T>
void to_rgb(T hue, T low, T high, T* rgb) {
    const T h = hue * 6;
    const T share[] = {std::abs(h - 3) - 1, 2 - std::abs(h - 2), 2 - std::abs(h - 4)};
    for (std::size_t i = 0; i < 3; ++i) rgb[i] = low + (high - low) * std::clamp<T>(share[i], 0, 1);
}

struct RgbToHsv {
    template <class T>
    void operator()(const Arguments&, const T* in, T* out) const {
        const Hue<T> color(in);
        out[0] = color.hue, out[1] = color.saturation(), out[2] = color.high;
    }
};

struct HsvToRgb {
    template <class T>
    void operator()(const Arguments&, const T* in, T* out) const {
        to_rgb(in[0], in[2] * (1 - in[1]), in[2], out);
    }
};

struct AdjustHue {
    template <class T>
    void operator()(const Arguments& a, const T* in, T* out) const {
        const Hue<T> color(in);
        const T turned = color.hue + static_cast<T>(a.number("delta"));
        to_rgb(turned - std::floor(turned), color.low, color.high, out);
    }
};

struct AdjustSaturation {
    template <class T>
    void operator()(const Arguments& a, const T* in, T* out) const {
        const Hue<T> color(in);
        const T saturation = std::clamp<T>(color.saturation() * static_cast<T>(a.number("factor")), 0, 1);
        to_rgb(color.hue, color.high * (1 - saturation), color.high, out);
    }
};

struct Gray {
    template <class T>
    void operator()(const Arguments&, const T* in, T* out) const {
        *out = in[0] * T(0.2989) + in[1] * T(0.5870) + in[2] * T(0.1140);
    }
};

/// The entry with images of one channel left as they are.
Op gray_stays_gray(Op op) {
    const auto is_gray = [](const Arguments& a) {
        return a.shape("x").rank() == 4 && SpatialShape::split(a.shape("x"), 2, format(a)).channels == 1;
    };
    op.shapes = [is_gray, shapes = op.shapes](const Arguments& a) { return is_gray(a) ? same_shape(a) : shapes(a); };
    op.run = [is_gray, run = op.run](const Arguments& a) {
        return is_gray(a) ? Tensors{x_as(a, a.dtype("x"))} : run(a);
    };
    return op;
}

/// A function of each element, its numbers taken from the arguments.
template <class F>
Op per_element(std::string_view function, std::string_view signature, F f) {
    return floats_only({{function}, {}, signature, same_shape, same_dtype, [f](const Arguments& a) -> Tensors {
                            const DType dtype = carried(a.dtype("x"));
                            return with_float(dtype, [&]<class T>(Type<T>) {
                                return Tensors{mapped<T>(x_as(a, dtype), [&](T x) { return f(a, x); })};
                            });
                        }});
}

/// A change of each image as a whole: `f(pixels, count, channels)` in place.
template <class F>
Op per_image(std::string_view function, std::string_view signature, F f) {
    const auto shapes = [](const Arguments& a) {
        if (a.shape("x").rank() != 4) fail(Code::unsupported, "wanted images of rank 4, found shape ", a.shape("x"));
        return same_shape(a);
    };
    return floats_only({{function}, {}, signature, shapes, same_dtype, [f](const Arguments& a) -> Tensors {
                            Tensor y = x_as(a, carried(a.dtype("x")));
                            const std::int64_t channels = y.shape()[3], pixels = y.shape().elements(1, 3);
                            with_float(y.dtype(), [&]<class T>(Type<T>) {
                                T* image = y.mutable_values<T>().data();
                                for (std::int64_t b = 0; b < y.shape()[0]; ++b, image += pixels * channels)
                                    f(a, image, pixels, channels);
                            });
                            return {y};
                        }});
}

// (x − mean) · factor + mean, with the mean of each channel.
struct AdjustContrast {
    template <class T>
    void operator()(const Arguments& a, T* image, std::int64_t pixels, std::int64_t channels) const {
        const double factor = a.number("contrast_factor");
        for (std::int64_t c = 0; c < channels; ++c) {
            double mean = 0;
            for (std::int64_t i = 0; i < pixels; ++i) mean += static_cast<double>(image[i * channels + c]);
            mean /= static_cast<double>(pixels);
            for (std::int64_t i = 0; i < pixels; ++i) {
                T& x = image[i * channels + c];
                x = static_cast<T>((static_cast<double>(x) - mean) * factor + mean);
            }
        }
    }
};

// (x − mean) / max(deviation, 1/√n)
struct Standardize {
    template <class T>
    void operator()(const Arguments&, T* image, std::int64_t pixels, std::int64_t channels) const {
        const std::int64_t n = pixels * channels;
        double sum = 0, squares = 0;
        for (std::int64_t i = 0; i < n; ++i) sum += static_cast<double>(image[i]);
        const double count = static_cast<double>(n), mean = sum / count;
        for (std::int64_t i = 0; i < n; ++i) squares += std::pow(static_cast<double>(image[i]) - mean, 2);
        const double deviation = std::max(std::sqrt(squares / count), 1 / std::sqrt(count));
        for (std::int64_t i = 0; i < n; ++i)
            image[i] = static_cast<T>((static_cast<double>(image[i]) - mean) / deviation);
    }
};

Op grayscale_to_rgb() {
    return {{"image.grayscale_to_rgb"},
            {},
            "x|images",
            [](const Arguments& a) -> Shapes {
                SpatialShape parts = image_of(a, 1);
                parts.channels = 3;
                return {parts.joined(DataFormat::channels_last)};
            },
            number_dtype,
            [](const Arguments& a) -> Tensors {
                const Tensor x = x_as(a, a.dtype("x"));
                Tensor y = Tensor::uninitialized(x.dtype(), x.shape().with(3, 3));
                repeat(x, {1, 1, 1, 3}, y);
                return {y};
            }};
}

/// exp(−x²/2σ²) around the middle of `size` elements, with sum 1.
std::vector<double> bell(std::int64_t size, double sigma) {
    std::vector<double> weights;
    double sum = 0;
    for (std::int64_t i = 0; i < size; ++i) {
        const double x = (static_cast<double>(i) - static_cast<double>(size - 1) / 2) / sigma;
        weights.push_back(std::exp(-x * x / 2));
        sum += weights.back();
    }
    for (double& weight : weights) weight /= sum;
    return weights;
}

std::vector<double> two_numbers(const Arguments& a, const char* name) {
    std::vector<double> numbers;
    if (const Value::Array* items = a.constant(name).array())
        for (const Value& item : *items)
            numbers.push_back(item.integer() != nullptr  ? static_cast<double>(*item.integer())
                              : item.number() != nullptr ? *item.number()
                                                         : 0);
    if (numbers.size() != 2 || !(numbers[0] > 0) || !(numbers[1] > 0))
        fail(Code::config, "argument '", name, "': wanted two positive numbers, found ", excerpt(a.constant(name)));
    return numbers;
}

// Keras lays the kernel of heights out as one of widths: both orders agree for equal sizes only.
Op gaussian_blur() {
    const auto shapes = [](const Arguments& a) {
        if (a.shape("x").rank() != 4) fail(Code::unsupported, "wanted images of rank 4, found shape ", a.shape("x"));
        two_numbers(a, "sigma");
        per_spatial_axis(a, "kernel_size", 2);
        return same_shape(a);
    };
    return floats_only(
        {{},
         {"GaussianBlur"},
         "x|images kernel_size sigma data_format=null",
         shapes,
         same_dtype,
         [](const Arguments& a) -> Tensors {
             const Tensor x = x_as(a, carried(a.dtype("x")));
             Window window(2);
             window.size = per_spatial_axis(a, "kernel_size", 2);
             window.padding = Padding::same;
             const std::vector<double> sigma = two_numbers(a, "sigma");
             std::vector<double> kernel;
             for (const double row : bell(window.size[1], sigma[1]))
                 for (const double column : bell(window.size[0], sigma[0])) kernel.push_back(row * column);
             Tensor y = Tensor::uninitialized(x.dtype(), x.shape());
             in_channels_last(x, y, 2, data_format(a), [&](const Tensor& from, Tensor& to) {
                 const Shape& s = from.shape();
                 const Tensor taps = Tensor::from(Shape{times(window.size[0], window.size[1]), 1}, kernel);
                 depthwise_conv({s[0], window.axes(s.slice(1, 3)), s[3], s[3], 1}, from,
                                broadcast_to(taps.cast(x.dtype()), Shape{taps.shape()[0], s[3]}), to);
             });
             return {y};
         }});
}

// Sobel's derivatives down and across each channel, the image mirrored at its edges; they make a new last axis.
Op sobel_edges() {
    const auto shapes = [](const Arguments& a) -> Shapes {
        if (a.shape("x").rank() != 4) fail(Code::unsupported, "wanted images of rank 4, found shape ", a.shape("x"));
        std::vector<std::int64_t> dims = a.shape("x").dims();
        dims.push_back(2);
        return {Shape(std::move(dims))};
    };
    return floats_only(
        {{}, {"SobelEdges"}, "x|images data_format=null", shapes, same_dtype, [](const Arguments& a) -> Tensors {
             const bool first = data_format(a) == DataFormat::channels_first;
             const Tensor given = x_as(a, carried(a.dtype("x")));
             const Tensor x = first ? to_channels_last(given, 2) : given;
             const std::int64_t height = x.shape()[1], width = x.shape()[2], channels = x.shape()[3];
             if (height < 2 || width < 2) fail(Code::shape, "images of shape ", x.shape(), " have no edges");
             const auto mirrored = [](std::int64_t i, std::int64_t n) {
                 return i < 0 ? -i : i >= n ? 2 * n - 2 - i : i;
             };
             Tensor y = Tensor::uninitialized(x.dtype(), Shape{x.shape()[0], height, width, channels, 2});
             with_float(x.dtype(), [&]<class T>(Type<T>) {
                 const T* image = x.values<T>().data();
                 T* out = y.mutable_values<T>().data();
                 for (std::int64_t b = 0; b < x.shape()[0]; ++b, image += height * width * channels)
                     for (std::int64_t i = 0; i < height; ++i)
                         for (std::int64_t j = 0; j < width; ++j)
                             for (std::int64_t c = 0; c < channels; ++c, out += 2) {
                                 const auto at = [&](std::int64_t di, std::int64_t dj) {
                                     return image[(mirrored(i + di, height) * width + mirrored(j + dj, width)) *
                                                      channels +
                                                  c];
                                 };
                                 out[0] = at(1, -1) + 2 * at(1, 0) + at(1, 1) - at(-1, -1) - 2 * at(-1, 0) - at(-1, 1);
                                 out[1] = at(-1, 1) + 2 * at(0, 1) + at(1, 1) - at(-1, -1) - 2 * at(0, -1) - at(1, -1);
                             }
             });
             return {first ? transpose(y, {0, 3, 1, 2, 4}) : y};
         }});
}

}  // namespace

const OpList& color_ops() {
    static const OpList ops = {
        per_pixel({"image.rgb_to_grayscale"}, {}, "x|images", 3, 1, Gray{}),
        gray_stays_gray(per_pixel({}, {"RGBToGrayscale"}, "x|images data_format=null", 3, 1, Gray{})),
        grayscale_to_rgb(),
        per_pixel({"image.rgb_to_hsv"}, {"RGBToHSV"}, "x|images data_format=null", 3, 3, RgbToHsv{}),
        per_pixel({"image.hsv_to_rgb"}, {"HSVToRGB"}, "x|images data_format=null", 3, 3, HsvToRgb{}),
        mixing("image.rgb_to_yiq",
               {{{0.299, 0.59590059, 0.2115}, {0.587, -0.27455667, -0.52273617}, {0.114, -0.32134392, 0.31119955}}}),
        mixing("image.yiq_to_rgb",
               {{{1, 1, 1}, {0.95598634, -0.27201283, -1.10674021}, {0.6208248, -0.64720424, 1.70423049}}}),
        mixing(
            "image.rgb_to_yuv",
            {{{0.299, -0.14714119, 0.61497538}, {0.587, -0.28886916, -0.51496512}, {0.114, 0.43601035, -0.10001026}}}),
        mixing("image.yuv_to_rgb", {{{1, 1, 1}, {0, -0.394642334, 2.03206185}, {1.13988303, -0.58062185, 0}}}),
        per_pixel({"image.adjust_hue"}, {}, "x|image delta", 3, 3, AdjustHue{}),
        per_pixel({"image.adjust_saturation"}, {}, "x|image factor|saturation_factor", 3, 3, AdjustSaturation{}),
        per_element("image.adjust_brightness", "x|image delta",
                    [](const Arguments& a, auto x) { return x + static_cast<decltype(x)>(a.number("delta")); }),
        per_element("image.adjust_gamma", "x|image gamma=1 gain=1",
                    [](const Arguments& a, auto x) {
                        using T = decltype(x);
                        return static_cast<T>(a.number("gain")) * std::pow(x, static_cast<T>(a.number("gamma")));
                    }),
        per_image("image.adjust_contrast", "x|images contrast_factor", AdjustContrast{}),
        per_image("image.per_image_standardization", "x|image", Standardize{}),
        gaussian_blur(),
        sobel_edges(),
    };
    return ops;
}

}  // namespace layerctl::ops
