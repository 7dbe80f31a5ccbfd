// Normalization and statistics called as functions.
#include <algorithm>
#include <cmath>

#include "engine/ops/axes.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/moments.hpp"
#include "engine/ops/rows.hpp"
#include "engine/ops/spatial.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/spatial_rules.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

using Axes = std::vector<std::size_t>;

constexpr double keras_epsilon = 1e-7;  // keras.config.epsilon()

double epsilon(const Arguments& a) { return a.given("epsilon") ? a.number("epsilon") : keras_epsilon; }

Axes axes_of(const Arguments& a, std::string_view name) {
    return AxisList{a.integers(name), true}.resolve(a.shape("x").rank());
}

/// A vector of parameters under the shape in which it meets x: along `axes`, 1 elsewhere. One of x's rank stays.
Tensor along(const Tensor& values, const Axes& axes, const Shape& x) {
    if (values.shape().rank() == x.rank()) return values;
    Shape shape(std::vector<std::int64_t>(x.rank(), 1));
    for (const std::size_t axis : axes) shape[axis] = x[axis];
    return values.reshaped(shape);
}

/// Multiplies y by one operand and adds another, where they are given.
void scale_and_shift(const Arguments& a, std::string_view scale, std::string_view shift, const Axes& axes, Tensor& y) {
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        const auto combine = [&](std::string_view name, auto f) {
            if (!a.given(name)) return;
            const Tensor values = along(a.tensor(a.operand(name), y.dtype()), axes, y.shape());
            if (broadcast_shape(values.shape(), y.shape()) != y.shape())
                fail(Code::shape, "argument '", name, "' of shape ", values.shape(), " does not fit ", y.shape());
            binary<T>(y, values, y, f);
        };
        combine(scale, [](T l, T r) { return l * r; });
        combine(shift, [](T l, T r) { return l + r; });
    });
}

Tensors layer_norm(const Arguments& a) {
    const Axes axes = axes_of(a, "axis");
    Tensor y = x_as(a, carried(float_dtype(a)));
    if (a.flag("rms_scaling")) divide_by_deviation(y, axes, epsilon(a));
    else standardize(y, axes, epsilon(a));
    if (a.flag("rms_scaling") && a.given("beta")) fail(Code::unsupported, "argument 'beta' with rms_scaling");
    scale_and_shift(a, "gamma", "beta", axes, y);
    return {y};
}

Tensors rms_norm(const Arguments& a) {
    Tensor y = x_as(a, carried(float_dtype(a)));
    divide_by_rms(y, axes_of(a, "axis"), epsilon(a));
    // The scale is broadcast as it stands, at the last axes.
    if (a.given("scale")) {
        const Tensor scale = a.tensor(a.operand("scale"), y.dtype());
        if (broadcast_shape(scale.shape(), y.shape()) != y.shape())
            fail(Code::shape, "argument 'scale' of shape ", scale.shape(), " does not fit ", y.shape());
        with_float(y.dtype(), [&]<class T>(Type<T>) { binary<T>(y, scale, y, [](T l, T r) { return l * r; }); });
    }
    return {y};
}

/// x · factor + shift per channel, with factor = scale / √(variance + epsilon) and shift = offset − mean · factor.
Tensor normalized_batch(const Arguments& a, std::size_t axis, double epsilon) {
    Tensor y = x_as(a, carried(float_dtype(a)));
    const auto channels = static_cast<std::size_t>(y.shape()[axis]);
    const auto parameter = [&](std::string_view name, double otherwise) {
        if (!a.given(name)) return std::vector<double>(channels, otherwise);
        const Tensor values = a.tensor(a.operand(name), y.dtype()).cast(DType::float64);
        if (values.shape() != Shape{y.shape()[axis]})
            fail(Code::shape, "argument '", name, "': wanted ", channels, " channels, found shape ", values.shape());
        return std::vector<double>(values.values<double>().begin(), values.values<double>().end());
    };
    const auto mean = parameter("mean", 0), variance = parameter("variance", 1);
    const auto scale = parameter("scale", 1), offset = parameter("offset", 0);
    const std::int64_t inner = y.shape().elements(axis + 1, y.shape().rank());
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        T* at = y.mutable_values<T>().data();
        for (std::int64_t outer = y.shape().elements(0, axis); outer > 0; --outer)
            for (std::size_t c = 0; c < channels; ++c) {
                const double factor = scale[c] / std::sqrt(variance[c] + epsilon), shift = offset[c] - mean[c] * factor;
                for (std::int64_t i = 0; i < inner; ++i, ++at)
                    *at = static_cast<T>(static_cast<double>(*at) * factor + shift);
            }
    });
    return y;
}

// TensorFlow returns the statistics with the result.
Op fused_batch_norm() {
    const auto axis = [](const Arguments& a) {
        return data_format(a) == DataFormat::channels_last ? a.shape("x").rank() - 1 : std::size_t{1};
    };
    const auto shapes = [axis](const Arguments& a) -> Shapes {
        if (a.shape("x").rank() < 2 || !a.given("mean") || !a.given("variance"))
            fail(Code::unsupported, "wanted an image with mean and variance, found shape ", a.shape("x"));
        return {a.shape("x"), Shape{a.shape("x")[axis(a)]}, Shape{a.shape("x")[axis(a)]}};
    };
    return {{"compat.v1.nn.fused_batch_norm"},
            {},
            "x scale offset mean=null variance=null epsilon=0.001 data_format=NHWC is_training ~exponential_avg_factor",
            shapes,
            [](const Arguments& a) {
                if (a.flag("is_training")) fail(Code::unsupported, "argument 'is_training': statistics of the batch");
                return float_dtype(a);
            },
            [axis](const Arguments& a) -> Tensors {
                const Tensor y = normalized_batch(a, axis(a), a.number("epsilon"));
                return {y, a.tensor(a.operand("mean"), y.dtype()), a.tensor(a.operand("variance"), y.dtype())};
            }};
}

Op batch_norm() {
    const auto axis = [](const Arguments& a) { return resolve_axis(a.integer("axis"), a.shape("x").rank()); };
    return {{},
            {"BatchNorm"},
            "x mean variance offset=null scale=null axis epsilon=0.001",
            same_shape,
            float_dtype,
            [axis](const Arguments& a) -> Tensors { return {normalized_batch(a, axis(a), a.number("epsilon"))}; }};
}

Shapes moments_shape(const Arguments& a) {
    const Shape in = a.shape("x");
    const Axes axes = axes_of(a, "axes");
    std::vector<std::int64_t> dims;
    for (std::size_t axis = 0; axis < in.rank(); ++axis) {
        const bool gone = std::count(axes.begin(), axes.end(), axis) > 0;
        if (!gone) dims.push_back(in[axis]);
        else if (a.flag("keepdims")) dims.push_back(1);
    }
    return Shapes(2, Shape(std::move(dims)));
}

Tensors moments_run(const Arguments& a) {
    const Tensor x = x_as(a, carried(float_dtype(a)));
    const Axes axes = axes_of(a, "axes");
    const std::size_t rank = x.shape().rank();
    const Tensor rows = transpose(x, to_back(axes, rank));
    const std::int64_t n = rows.shape().elements(rank - axes.size(), rank);
    Tensors results;
    for (const Shape& shape : moments_shape(a)) results.push_back(Tensor::uninitialized(x.dtype(), shape));
    with_float(x.dtype(), [&]<class T>(Type<T>) {
        const auto means = results[0].mutable_values<T>(), variances = results[1].mutable_values<T>();
        const T* row = rows.values<T>().data();
        for (std::size_t i = 0; i < means.size(); ++i, row += n) {
            const Moments m = moments(row, n);
            means[i] = static_cast<T>(m.mean);
            variances[i] = static_cast<T>(m.variance);
        }
    });
    return results;
}

// x / max(norm, epsilon) with the norm (Σ |x|^order)^(1/order).
Tensors normalize(const Arguments& a) {
    const Axes axes = a.given("axis") ? axes_of(a, "axis") : Axes{};
    const auto order = static_cast<double>(a.integer("order"));
    if (axes.size() != 1 || order < 1)
        fail(Code::unsupported, "wanted one axis and a positive order, found ", excerpt(a.constant("axis")), " and ",
             order);
    const double least = epsilon(a);
    Tensor y = x_as(a, carried(float_dtype(a)));
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        for_each_row<T>(y, axes, [&](T* row, std::int64_t n) {
            double sum = 0;
            for (std::int64_t i = 0; i < n; ++i) sum += std::pow(std::abs(static_cast<double>(row[i])), order);
            const double norm = std::max(std::pow(sum, 1 / order), least);
            for (std::int64_t i = 0; i < n; ++i) row[i] = static_cast<T>(static_cast<double>(row[i]) / norm);
        });
    });
    return {y};
}

// x / (bias + alpha · Σ of squares of the channels at most depth_radius away)^beta
Tensors local_response(const Arguments& a) {
    const Tensor x = x_as(a, carried(float_dtype(a)));
    const std::int64_t channels = x.shape().back(), radius = std::min(a.integer("depth_radius"), channels);
    const double bias = a.number("bias"), alpha = a.number("alpha"), beta = a.number("beta");
    Tensor y = Tensor::uninitialized(x.dtype(), x.shape());
    with_float(x.dtype(), [&]<class T>(Type<T>) {
        const T* from = x.values<T>().data();
        T* to = y.mutable_values<T>().data();
        for (std::size_t at = 0; at < x.elements(); at += static_cast<std::size_t>(channels))
            for (std::int64_t c = 0; c < channels; ++c) {
                double sum = 0;
                for (std::int64_t k = std::max<std::int64_t>(c - radius, 0); k < std::min(c + radius + 1, channels);
                     ++k)
                    sum += static_cast<double>(from[at + k]) * static_cast<double>(from[at + k]);
                to[at + c] = static_cast<T>(static_cast<double>(from[at + c]) * std::pow(bias + alpha * sum, -beta));
            }
    });
    return {y};
}

}  // namespace

const OpList& normalization_ops() {
    static const OpList ops = {
        {{},
         {"LayerNorm"},
         "x gamma=null beta=null axis=-1 epsilon=null rms_scaling=false",
         same_shape,
         float_dtype,
         layer_norm},
        {{}, {"RMSNorm"}, "x scale=null axis=-1 epsilon=null", same_shape, float_dtype, rms_norm},
        batch_norm(),
        fused_batch_norm(),
        {{}, {"Moments"}, "x axes keepdims=false ~synchronized", moments_shape, float_dtype, moments_run},
        {{"nn.moments", "compat.v1.nn.moments"},
         {},
         "x axes !shift=null keepdims|keep_dims=false",
         moments_shape,
         float_dtype,
         moments_run},
        {{}, {"Normalize"}, "x axis=-1 order=2 epsilon=null", same_shape, float_dtype, normalize},
        {{"nn.local_response_normalization", "nn.lrn"},
         {},
         "x|input depth_radius=5 bias=1 alpha=1 beta=0.5",
         same_shape,
         float_dtype,
         local_response},
    };
    return ops;
}

}  // namespace layerctl::ops
