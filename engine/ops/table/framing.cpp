// Cutting, framing and turning images.
#include <algorithm>
#include <numeric>

#include "engine/ops/move.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/spatial_rules.hpp"
#include "engine/ops/table/take.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

/// Part of an image: a negative offset leaves out its beginning, a positive one puts zeros before it.
struct Frame {
    std::int64_t top = 0, left = 0;
    std::int64_t height = Shape::unknown, width = Shape::unknown;  // of the result
};
using FrameRule = Frame (*)(const Arguments&);

/// (batch, height, width, channels) of the images, which may be channels first in Keras 3.
SpatialShape image_of(const Arguments& a) {
    if (a.shape("x").rank() != 4) fail(Code::unsupported, "wanted images of rank 4, found shape ", a.shape("x"));
    return SpatialShape::split(a.shape("x"), 2, a.keras3() ? data_format(a) : DataFormat::channels_last);
}

Shapes framed_shape(const Arguments& a, const Frame& frame) {
    SpatialShape parts = image_of(a);
    parts.spatial = {frame.height, frame.width};
    return {parts.joined(a.keras3() ? data_format(a) : DataFormat::channels_last)};
}

Op framing(std::vector<std::string_view> tf, std::vector<std::string_view> keras3, std::string_view signature,
           FrameRule frame) {
    return {std::move(tf),
            std::move(keras3),
            signature,
            [frame](const Arguments& a) { return framed_shape(a, frame(a)); },
            same_dtype,
            [frame](const Arguments& a) -> Tensors {
                const Frame part = frame(a);
                const Tensor x = x_as(a, a.dtype("x"));
                Tensor y(x.dtype(), framed_shape(a, part).front());
                const bool first = a.keras3() && data_format(a) == DataFormat::channels_first;
                if (first) place(x, {0, 0, part.top, part.left}, y);
                else place(x, {0, part.top, part.left, 0}, y);
                return {y};
            }};
}

void require_inside(bool holds, const Arguments& a) {
    if (!holds) fail(Code::shape, "the part does not lie inside the images of shape ", a.shape("x"));
}

Frame box(const Arguments& a, std::int64_t sign) {
    const Frame frame{sign * a.integer("offset_height"), sign * a.integer("offset_width"), a.integer("target_height"),
                      a.integer("target_width")};
    if (sign * frame.top < 0 || sign * frame.left < 0 || frame.height < 1 || frame.width < 1)
        fail(Code::config, "wanted offsets of zero or more and positive sizes");
    return frame;
}

Frame crop_box(const Arguments& a) {
    const Frame frame = box(a, -1);
    const Shape in = image_of(a).spatial;
    require_inside(in[0] == Shape::unknown || frame.height <= in[0] + frame.top, a);
    require_inside(in[1] == Shape::unknown || frame.width <= in[1] + frame.left, a);
    return frame;
}

Frame pad_box(const Arguments& a) {
    const Frame frame = box(a, 1);
    const Shape in = image_of(a).spatial;
    require_inside(in[0] == Shape::unknown || in[0] <= frame.height - frame.top, a);
    require_inside(in[1] == Shape::unknown || in[1] <= frame.width - frame.left, a);
    return frame;
}

// In the middle; an odd rest is cut or padded behind. ⌊(target − size) / 2⌋ of zeros, ⌊(size − target) / 2⌋ cut.
Frame crop_or_pad(const Arguments& a) {
    Frame frame{0, 0, a.integer("target_height"), a.integer("target_width")};
    if (frame.height < 1 || frame.width < 1) fail(Code::config, "wanted a positive height and width");
    const Shape in = image_of(a).spatial;
    const auto offset = [](std::int64_t to, std::int64_t from) {
        return from == Shape::unknown ? 0 : (to - from) / 2;  // towards zero: what is cut is rounded down, too
    };
    frame.top = offset(frame.height, in[0]);
    frame.left = offset(frame.width, in[1]);
    return frame;
}

Frame central_crop(const Arguments& a) {
    const double fraction = a.number("central_fraction");
    if (!(fraction > 0 && fraction <= 1))
        fail(Code::config, "argument 'central_fraction': wanted a number in (0, 1], found ", fraction);
    const Shape in = image_of(a).spatial;
    const auto start = [&](std::int64_t size) {
        const auto all = static_cast<double>(size);
        return size == Shape::unknown ? 0 : static_cast<std::int64_t>((all - all * fraction) / 2);
    };
    const auto rest = [&](std::int64_t size) { return size == Shape::unknown ? size : size - 2 * start(size); };
    return {-start(in[0]), -start(in[1]), rest(in[0]), rest(in[1])};
}

/// One axis of crop_images or pad_images: two of three sizes are given, the third follows.
struct Ends {
    std::int64_t before, target;
};

Ends ends(const Arguments& a, std::int64_t size, const char* before, const char* after, const char* target, int sign) {
    const auto value = [&](const char* name) { return a.given(name) ? Size(a.integer(name)) : std::nullopt; };
    const Size first = value(before), last = value(after), whole = value(target);
    if (first.has_value() + last.has_value() + whole.has_value() != 2)
        fail(Code::config, "wanted two of '", before, "', '", after, "' and '", target, "'");
    if (size == Shape::unknown) return {first.value_or(0), whole ? *whole : size};
    Ends result{0, whole ? *whole : plus(size, sign * plus(*first, *last))};
    result.before = first ? *first : plus(sign * (result.target - size), -*last);
    if (result.before < 0 || result.target < 0 || sign * (result.target - size) - result.before < 0)
        fail(Code::shape, "'", before, "', '", after, "' and '", target, "' do not fit images of shape ", a.shape("x"));
    return result;
}

Frame keras_frame(const Arguments& a, const char* const (&names)[6], int sign) {
    const Shape in = image_of(a).spatial;
    const Ends height = ends(a, in[0], names[0], names[1], names[2], sign);
    const Ends width = ends(a, in[1], names[3], names[4], names[5], sign);
    return {sign * height.before, sign * width.before, height.target, width.target};
}

Frame keras_crop(const Arguments& a) {
    return keras_frame(
        a, {"top_cropping", "bottom_cropping", "target_height", "left_cropping", "right_cropping", "target_width"}, -1);
}

Frame keras_pad(const Arguments& a) {
    return keras_frame(
        a, {"top_padding", "bottom_padding", "target_height", "left_padding", "right_padding", "target_width"}, 1);
}

Tensor reversed(const Tensor& x, std::size_t axis) {
    std::vector<std::int64_t> from(static_cast<std::size_t>(x.shape()[axis]));
    std::iota(from.rbegin(), from.rend(), std::int64_t{0});
    return take(x, axis, from);
}

Op flip(std::string_view function, std::size_t axis) {
    return {{function},
            {},
            "x|image",
            [](const Arguments& a) -> Shapes {
                image_of(a);
                return same_shape(a);
            },
            same_dtype,
            [axis](const Arguments& a) -> Tensors { return {reversed(x_as(a, a.dtype("x")), axis)}; }};
}

Shapes turned_shape(const Arguments& a) {
    image_of(a);
    return {transposed_shape(a.shape("x"), {0, 2, 1, 3})};
}

// Counterclockwise by quarter turns.
Op quarter_turns() {
    const auto turns = [](const Arguments& a) { return (a.integer("k") % 4 + 4) % 4; };
    return {{"image.rot90"},
            {},
            "x|image k=1",
            [turns](const Arguments& a) { return turns(a) % 2 == 1 ? turned_shape(a) : same_shape(a); },
            same_dtype,
            [turns](const Arguments& a) -> Tensors {
                const Tensor x = x_as(a, a.dtype("x"));
                switch (turns(a)) {
                    case 1: return {transpose(reversed(x, 2), {0, 2, 1, 3})};
                    case 2: return {reversed(reversed(x, 1), 2)};
                    case 3: return {reversed(transpose(x, {0, 2, 1, 3}), 2)};
                    default: return {x};
                }
            }};
}

}  // namespace

const OpList& framing_ops() {
    static constexpr std::string_view box = "x|image offset_height offset_width target_height target_width";
    static const OpList ops = {
        framing({"image.crop_to_bounding_box"}, {}, box, crop_box),
        framing({"image.pad_to_bounding_box"}, {}, box, pad_box),
        framing({"image.resize_with_crop_or_pad"}, {}, "x|image target_height target_width", crop_or_pad),
        framing({"image.central_crop"}, {}, "x|image central_fraction", central_crop),
        framing({}, {"CropImages"},
                "x|images top_cropping=null left_cropping=null bottom_cropping=null right_cropping=null "
                "target_height=null target_width=null data_format=null",
                keras_crop),
        framing({}, {"PadImages"},
                "x|images top_padding=null left_padding=null bottom_padding=null right_padding=null "
                "target_height=null target_width=null data_format=null",
                keras_pad),
        flip("image.flip_left_right", 2),
        flip("image.flip_up_down", 1),
        quarter_turns(),
        {{"image.transpose"},
         {},
         "x|image",
         turned_shape,
         same_dtype,
         [](const Arguments& a) -> Tensors {
             return {transpose(x_as(a, a.dtype("x")), {0, 2, 1, 3})};
         }},
    };
    return ops;
}

}  // namespace layerctl::ops
