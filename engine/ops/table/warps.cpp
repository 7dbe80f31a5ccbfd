// Images read at computed places: projective transforms, boxes, coordinates.
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/spatial_rules.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

/// One channels-last image, zero-based, with a number for what lies outside.
template <class T>
struct Picture {
    const T* pixels;
    std::int64_t height, width, channels;
    T outside;

    T at(float y, float x, std::int64_t c) const {
        if (!(y >= 0 && x >= 0 && y < static_cast<float>(height) && x < static_cast<float>(width))) return outside;
        return pixels[(static_cast<std::int64_t>(y) * width + static_cast<std::int64_t>(x)) * channels + c];
    }
    T nearest(float y, float x, std::int64_t c) const { return at(std::round(y), std::round(x), c); }
    T bilinear(float y, float x, std::int64_t c) const {
        const float top = std::floor(y), left = std::floor(x);
        const T right = static_cast<T>(x - left), below = static_cast<T>(y - top);
        const T upper = (1 - right) * at(top, left, c) + right * at(top, left + 1, c);
        const T lower = (1 - right) * at(top + 1, left, c) + right * at(top + 1, left + 1, c);
        return (1 - below) * upper + below * lower;
    }
};

/// How a coordinate outside an axis of `size` elements comes inside, as TensorFlow's projective transform has it.
float constant(float at, std::int64_t) { return at; }
float clamped(float at, std::int64_t size) { return std::clamp(at, 0.0F, static_cast<float>(size - 1)); }
float reflected(float at, std::int64_t size) {
    const auto n = static_cast<float>(size), twice = 2 * n;
    if (size <= 1) return 0;
    if (at < 0) {
        at += twice * std::trunc(-at / twice);
        at = at < -n ? at + twice : -at - 1;
    } else if (at > n - 1) {
        at -= twice * std::trunc(at / twice);
        if (at >= n) at = twice - at - 1;
    }
    return clamped(at, size);
}
float wrapped(float at, std::int64_t size) {
    const auto n = static_cast<float>(size);
    if (size <= 1) return 0;
    if (at < 0) at += n * (std::trunc(-at / (n - 1)) + 1);
    else if (at > n - 1) at -= n * std::trunc(at / (n - 1));
    return clamped(at, size);
}

using Inside = float (*)(float, std::int64_t);

Inside fill_mode(const Arguments& a) {
    static constexpr std::pair<std::string_view, Inside> modes[] = {
        {"constant", constant}, {"nearest", clamped}, {"reflect", reflected}, {"wrap", wrapped}};
    for (const auto& [name, inside] : modes)
        if (a.text("fill_mode") == name) return inside;
    fail(Code::unsupported, "argument 'fill_mode': wanted 'constant', 'nearest', 'reflect' or 'wrap', found '",
         a.text("fill_mode"), "'");
}

bool interpolates(const Arguments& a, const char* name) {
    const std::string& method = a.text(name);
    if (method != "bilinear" && method != "nearest")
        fail(Code::unsupported, "argument '", name, "': wanted 'bilinear' or 'nearest', found '", method, "'");
    return method == "bilinear";
}

/// The eight numbers of a projective transform, which takes a place in the result to one in the image.
using Projection = std::array<float, 8>;

void project(const Arguments& a, const Tensor& x, const std::vector<Projection>& projections, Inside inside,
             Tensor& y) {
    if (projections.size() != 1 && static_cast<std::int64_t>(projections.size()) != x.shape()[0])
        fail(Code::shape, "wanted one transform or one for each of ", x.shape()[0], " images, found ",
             projections.size());
    const bool bilinear = interpolates(a, "interpolation");
    with_float(x.dtype(), [&]<class T>(Type<T>) {
        const std::int64_t height = x.shape()[1], width = x.shape()[2], channels = x.shape()[3];
        Picture<T> image{x.values<T>().data(), height, width, channels, static_cast<T>(a.number("fill_value"))};
        T* out = y.mutable_values<T>().data();
        for (std::int64_t b = 0; b < x.shape()[0]; ++b, image.pixels += height * width * channels) {
            const Projection& p = projections[projections.size() == 1 ? 0 : static_cast<std::size_t>(b)];
            for (std::int64_t i = 0; i < height; ++i)
                for (std::int64_t j = 0; j < width; ++j, out += channels) {
                    const auto row = static_cast<float>(i), column = static_cast<float>(j);
                    const float depth = p[6] * column + p[7] * row + 1;
                    const float at_x = inside((p[0] * column + p[1] * row + p[2]) / depth, width);
                    const float at_y = inside((p[3] * column + p[4] * row + p[5]) / depth, height);
                    for (std::int64_t c = 0; c < channels; ++c)
                        out[c] = depth == 0 ? image.outside
                                 : bilinear ? image.bilinear(at_y, at_x, c)
                                            : image.nearest(at_y, at_x, c);
                }
        }
    });
}

Shapes image_shape(const Arguments& a) {
    if (a.shape("x").rank() != 4) fail(Code::unsupported, "wanted images of rank 4, found shape ", a.shape("x"));
    return same_shape(a);
}

Tensors projected(const Arguments& a, const std::vector<Projection>& projections, Inside inside) {
    const Tensor x = x_as(a, carried(a.dtype("x")));
    Tensor y = Tensor::uninitialized(x.dtype(), x.shape());
    in_channels_last(x, y, 2, data_format(a),
                     [&](const Tensor& from, Tensor& to) { project(a, from, projections, inside, to); });
    return {y};
}

Tensors affine_transform(const Arguments& a) {
    const Tensor numbers = a.tensor(a.operand("transform"), DType::float32);
    if (numbers.shape().back() != 8 || numbers.shape().rank() > 2)
        fail(Code::shape, "argument 'transform': wanted 8 numbers each, found shape ", numbers.shape());
    std::vector<Projection> projections(numbers.elements() / 8);
    for (std::size_t i = 0; i < numbers.elements(); ++i) projections[i / 8][i % 8] = numbers.values<float>()[i];
    return projected(a, projections, fill_mode(a));
}

/// The solution of a linear system of n equations by elimination; `rows` holds the right sides behind the matrix.
template <std::size_t n>
std::array<double, n> solve(std::array<std::array<double, n + 1>, n> rows) {
    for (std::size_t k = 0; k < n; ++k) {
        const auto largest = std::max_element(rows.begin() + k, rows.end(), [k](const auto& l, const auto& r) {
            return std::abs(l[k]) < std::abs(r[k]);
        });
        std::swap(rows[k], *largest);
        if (rows[k][k] == 0) fail(Code::input, "the points do not determine a transform");
        for (std::size_t i = 0; i < n; ++i) {
            if (i == k) continue;
            const double factor = rows[i][k] / rows[k][k];
            for (std::size_t j = k; j <= n; ++j) rows[i][j] -= factor * rows[k][j];
        }
    }
    std::array<double, n> x;
    for (std::size_t k = 0; k < n; ++k) x[k] = rows[k][n] / rows[k][k];
    return x;
}

/// The transform that takes four points to four others, given as x0, y0, x1, …
Projection homography(const float* from, const float* to) {
    std::array<std::array<double, 9>, 8> rows;
    for (std::size_t i = 0; i < 4; ++i) {
        const double x = from[2 * i], y = from[2 * i + 1], u = to[2 * i], v = to[2 * i + 1];
        rows[2 * i] = {x, y, 1, 0, 0, 0, -u * x, -u * y, u};
        rows[2 * i + 1] = {0, 0, 0, x, y, 1, -v * x, -v * y, v};
    }
    const auto solution = solve<8>(rows);
    Projection result;
    for (std::size_t i = 0; i < 8; ++i) result[i] = static_cast<float>(solution[i]);
    return result;
}

Tensors perspective_transform(const Arguments& a) {
    const Tensor start = a.tensor(a.operand("start_points"), DType::float32);
    const Tensor end = a.tensor(a.operand("end_points"), DType::float32);
    if (start.shape() != end.shape() || start.shape().rank() < 2 || start.elements() % 8 != 0)
        fail(Code::shape, "wanted four points each, found shapes ", start.shape(), " and ", end.shape());
    std::vector<Projection> projections;
    for (std::size_t i = 0; i < start.elements(); i += 8)
        projections.push_back(homography(end.values<float>().data() + i, start.values<float>().data() + i));
    return projected(a, projections, constant);
}

Shapes boxes_shape(const Arguments& a) {
    const Shape in = image_shape(a).front(), boxes = a.shape("boxes");
    const std::vector<std::int64_t> size = a.integers("crop_size");
    if (boxes.rank() != 2 || boxes[1] != 4 || size.size() != 2 || size[0] < 1 || size[1] < 1)
        fail(Code::shape, "wanted boxes of 4 numbers and a positive height and width, found shapes ", boxes, " and ",
             Shape(size));
    return {Shape{boxes[0], size[0], size[1], in[3]}};
}

/// Where element i of `n` along one side of a box, as parts of an axis of `size` elements, is read.
float box_position(float from, float to, std::int64_t i, std::int64_t n, std::int64_t size) {
    const auto last = static_cast<float>(size - 1);
    if (n == 1) return 0.5F * (from + to) * last;
    return from * last + static_cast<float>(i) * ((to - from) * last / static_cast<float>(n - 1));
}

Tensors crop_and_resize(const Arguments& a) {
    const Tensor x = a.tensor(a.operand("x"), DType::float32), boxes = a.tensor(a.operand("boxes"), DType::float32);
    const Tensor indices = a.tensor(a.operand("box_indices"), DType::int64);
    const bool bilinear = interpolates(a, "method");
    Tensor y = Tensor::uninitialized(DType::float32, boxes_shape(a).front());
    const std::int64_t height = x.shape()[1], width = x.shape()[2], channels = x.shape()[3];
    if (indices.shape() != Shape{y.shape()[0]})
        fail(Code::shape, "wanted an index for each of ", y.shape()[0], " boxes, found shape ", indices.shape());
    const auto outside = static_cast<float>(a.number("extrapolation_value"));
    Picture<float> image{nullptr, height, width, channels, 0};
    float* out = y.mutable_values<float>().data();
    for (std::int64_t b = 0; b < y.shape()[0]; ++b) {
        const float* const box = boxes.values<float>().data() + b * 4;
        const std::int64_t index = indices.values<std::int64_t>()[static_cast<std::size_t>(b)];
        if (index < 0 || index >= x.shape()[0]) fail(Code::input, "a box of image ", index, " of ", x.shape()[0]);
        image.pixels = x.values<float>().data() + index * height * width * channels;
        for (std::int64_t i = 0; i < y.shape()[1]; ++i)
            for (std::int64_t j = 0; j < y.shape()[2]; ++j, out += channels) {
                const float at_y = box_position(box[0], box[2], i, y.shape()[1], height);
                const float at_x = box_position(box[1], box[3], j, y.shape()[2], width);
                const bool inside = at_y >= 0 && at_x >= 0 && at_y <= static_cast<float>(height - 1) &&
                                    at_x <= static_cast<float>(width - 1);
                for (std::int64_t c = 0; c < channels; ++c)
                    out[c] = !inside    ? outside
                             : bilinear ? image.bilinear(at_y, at_x, c)
                                        : image.nearest(at_y, at_x, c);
            }
    }
    return {y};
}

Op crop_and_resize_op(std::string_view function, std::string_view signature) {
    const auto dtype = [](const Arguments& a) {
        number_dtype(a);
        return DType::float32;
    };
    return {{function}, {}, signature, boxes_shape, dtype, crop_and_resize};
}

/// The element that stands for number `at` of an axis; nothing: the fill value.
Size mapped_index(const std::string& mode, std::int64_t at, std::int64_t size) {
    if (mode == "nearest") return std::clamp<std::int64_t>(at, 0, size - 1);
    if (mode == "wrap") return (at % size + size) % size;
    if (mode == "constant") return at >= 0 && at < size ? Size(at) : std::nullopt;
    const std::int64_t rest = (at < 0 ? -at : at) % (2 * size);
    const std::int64_t index = rest < size ? rest : 2 * size - rest - (mode == "reflect" ? 1 : 0);
    if (index >= size) fail(Code::input, "a coordinate of ", at, " is mirrored out of an axis of ", size);
    return index;
}

Shapes coordinates_shape(const Arguments& a) {
    const Shape in = a.shape("x"), coordinates = a.shape("coordinates");
    if (coordinates.rank() < 2 || coordinates[0] != static_cast<std::int64_t>(in.rank()))
        fail(Code::shape, "wanted ", in.rank(), " coordinates first, found shape ", coordinates);
    const std::string& mode = a.text("fill_mode");
    if (mode != "constant" && mode != "nearest" && mode != "wrap" && mode != "mirror" && mode != "reflect")
        fail(Code::unsupported, "argument 'fill_mode': wanted one Keras knows, found '", mode, "'");
    if (a.integer("order") != 0 && a.integer("order") != 1)
        fail(Code::unsupported, "argument 'order': wanted 0 or 1, found ", a.integer("order"));
    return {coordinates.slice(1, coordinates.rank())};
}

/// x at one place, given as a coordinate per axis `stride` numbers apart: the nearest element or the weighted ones
/// around it.
template <class T>
class CoordinateReader {
public:
    CoordinateReader(const Arguments& a, const Tensor& x)
        : mode_(a.text("fill_mode")),
          linear_(a.integer("order") == 1),
          fill_(static_cast<T>(a.number("fill_value"))),
          values_(x.values<T>().data()),
          shape_(x.shape()) {}

    T operator()(const T* place, std::int64_t stride) const { return sum(0, 0, true, place, stride); }

private:
    T sum(std::size_t axis, std::int64_t offset, bool inside, const T* place, std::int64_t stride) const {
        if (axis == shape_.rank()) return inside ? values_[offset] : fill_;
        const T at = place[static_cast<std::int64_t>(axis) * stride];
        const T floor = linear_ ? std::floor(at) : std::nearbyint(at);
        if (!(std::abs(floor) < T(1e9))) fail(Code::input, "a coordinate beyond 10^9");
        const auto part = [&](std::int64_t index) {
            const Size mapped = mapped_index(mode_, index, shape_[axis]);
            return sum(axis + 1, offset * shape_[axis] + mapped.value_or(0), inside && mapped, place, stride);
        };
        const auto index = static_cast<std::int64_t>(floor);
        if (!linear_) return part(index);
        return (1 - (at - floor)) * part(index) + (at - floor) * part(index + 1);
    }

    std::string mode_;
    bool linear_;
    T fill_;
    const T* values_;
    Shape shape_;
};

Tensors map_coordinates(const Arguments& a) {
    const Tensor x = x_as(a, carried(a.dtype("x")));
    const Tensor coordinates = a.tensor(a.operand("coordinates"), x.dtype());
    if (x.elements() == 0) fail(Code::input, "coordinates in an empty tensor");
    Tensor y = Tensor::uninitialized(x.dtype(), coordinates_shape(a).front());
    with_float(x.dtype(), [&]<class T>(Type<T>) {
        const CoordinateReader<T> read(a, x);
        const T* place = coordinates.values<T>().data();
        for (T& value : y.mutable_values<T>()) value = read(place++, static_cast<std::int64_t>(y.elements()));
    });
    return {y};
}

}  // namespace

const OpList& warp_ops() {
    static const OpList ops = {
        floats_only({{},
                     {"AffineTransform"},
                     "x|images transform interpolation=bilinear fill_mode=constant fill_value=0 data_format=null",
                     image_shape,
                     same_dtype,
                     affine_transform}),
        floats_only({{},
                     {"PerspectiveTransform"},
                     "x|images start_points end_points interpolation=bilinear fill_value=0 data_format=null",
                     image_shape,
                     same_dtype,
                     perspective_transform}),
        floats_only({{},
                     {"MapCoordinates"},
                     "x|inputs coordinates order fill_mode=constant fill_value=0",
                     coordinates_shape,
                     same_dtype,
                     map_coordinates}),
        crop_and_resize_op("image.crop_and_resize",
                           "x|image boxes box_indices crop_size method=bilinear extrapolation_value=0.0"),
        crop_and_resize_op("compat.v1.image.crop_and_resize",
                           "x|image boxes box_indices|box_ind crop_size method=bilinear extrapolation_value=0"),
    };
    return ops;
}

}  // namespace layerctl::ops
