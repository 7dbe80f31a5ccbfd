// Scaling and shifting along any axes, as keras.ops.image.scale_and_translate has it.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/ops/matmul.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/spatial_rules.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

double triangle(double x) { return std::max(0.0, 1 - x); }

double keys_cubic(double x) {
    if (x >= 2) return 0;
    return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1;
}

template <int radius>
double lanczos(double x) {
    constexpr double pi = std::numbers::pi;
    if (x > radius) return 0;
    return x > 1e-3 ? radius * std::sin(pi * x) * std::sin(pi * x / radius) / (pi * pi * x * x) : 1;
}

using Kernel = double (*)(double);

Kernel kernel(const Arguments& a) {
    static constexpr std::pair<std::string_view, Kernel> kernels[] = {
        {"linear", triangle},    {"bilinear", triangle},   {"trilinear", triangle},  {"cubic", keys_cubic},
        {"bicubic", keys_cubic}, {"tricubic", keys_cubic}, {"lanczos3", lanczos<3>}, {"lanczos5", lanczos<5>}};
    for (const auto& [name, function] : kernels)
        if (a.text("method") == name) return function;
    fail(Code::config, "argument 'method': wanted one Keras knows, found '", a.text("method"), "'");
}

/// The weights (in, out) with which the elements of an axis make up those of the result.
std::vector<double> weights(std::int64_t in, std::int64_t out, double scale, double shift, Kernel f, bool antialias) {
    std::vector<double> matrix(static_cast<std::size_t>(in * out));
    const double width = antialias ? std::max(1 / scale, 1.0) : 1;
    for (std::int64_t j = 0; j < out; ++j) {
        const double at = (static_cast<double>(j) + 0.5 - shift) / scale - 0.5;
        if (at < -0.5 || at > static_cast<double>(in) - 0.5) continue;
        double sum = 0;
        const auto weight = [&](std::int64_t i) { return f(std::abs(at - static_cast<double>(i)) / width); };
        for (std::int64_t i = 0; i < in; ++i) sum += weight(i);
        if (std::abs(sum) <= 1000 * double{std::numeric_limits<float>::epsilon()}) continue;
        for (std::int64_t i = 0; i < in; ++i) matrix[static_cast<std::size_t>(i * out + j)] = weight(i) / sum;
    }
    return matrix;
}

std::vector<std::size_t> scaled_axes(const Arguments& a) {
    std::vector<std::size_t> axes;
    for (const std::int64_t axis : a.integers("spatial_dims")) axes.push_back(resolve_axis(axis, a.shape("x").rank()));
    return axes;
}

Shapes scaled_shape(const Arguments& a) {
    Shape shape = a.shape("x");
    const std::vector<std::int64_t> sizes = a.integers("output_shape");
    if (sizes.size() != shape.rank())
        fail(Code::config, "argument 'output_shape': wanted ", shape.rank(), " sizes, found ", sizes.size());
    for (const std::size_t axis : scaled_axes(a)) {
        if (sizes[axis] < 1) fail(Code::config, "argument 'output_shape': wanted positive sizes, found ", Shape(sizes));
        require_bounded(sizes[axis], "output_shape");
        shape[axis] = sizes[axis];
    }
    return {shape};
}

Tensors scale_and_translate(const Arguments& a) {
    Tensor y = x_as(a, carried(a.dtype("x")));
    const std::vector<std::size_t> axes = scaled_axes(a);
    const Tensor scale = a.tensor(a.operand("scale"), DType::float64);
    const Tensor shift = a.tensor(a.operand("translation"), DType::float64);
    if (scale.elements() != axes.size() || shift.elements() != axes.size())
        fail(Code::shape, "wanted a scale and a translation for ", axes.size(), " axes, found shapes ", scale.shape(),
             " and ", shift.shape());
    const Shape target = scaled_shape(a).front();
    for (std::size_t k = 0; k < axes.size(); ++k) {
        const Permutation order = to_back({axes[k]}, target.rank());
        const Tensor x = transpose(y, order);
        const std::int64_t in = x.shape().back(), out = target[axes[k]];
        const Tensor matrix = Tensor::from(
            Shape{in, out},
            weights(in, out, scale.values<double>()[k], shift.values<double>()[k], kernel(a), a.flag("antialias")));
        Tensor product = Tensor::uninitialized(x.dtype(), x.shape().with(target.rank() - 1, out));
        matmul(x, matrix.cast(x.dtype()), product);
        y = transpose(product, inverse(order));
    }
    return {y};
}

}  // namespace

const OpList& scaling_ops() {
    static const OpList ops = {
        floats_only({{},
                     {"ScaleAndTranslate"},
                     "x|images output_shape scale translation spatial_dims method antialias=true",
                     scaled_shape,
                     same_dtype,
                     scale_and_translate}),
    };
    return ops;
}

}  // namespace layerctl::ops
