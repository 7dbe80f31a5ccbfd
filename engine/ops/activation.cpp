// The formulas of the activations, and the table that finds them by id.
#include "engine/ops/activation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "engine/ops/softmax.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

using Id = Activation::Id;

// Comparisons are written such that NaN falls through to a result that is NaN, as in TensorFlow.

template <class T>
T clip(T x, T low, T high) {
    return x < low ? low : x > high ? high : x;
}

template <class T>
T positive_part(T x) {
    return x < 0 ? T{0} : x;
}

template <class T>
T sigmoid_of(T x) {
    if (x >= 0) return 1 / (1 + std::exp(-x));
    const T e = std::exp(x);
    return e / (1 + e);
}

template <class T>
T softplus_of(T x) {
    return std::max(x, T{0}) + std::log1p(std::exp(-std::abs(x)));
}

template <class T>
T hard_sigmoid_of(T x) {
    return clip<T>(x + 3, 0, 6) / 6;
}

/// Keras multiplies by the comparison, so that −inf below a threshold gives NaN.
template <class T>
T above(T x, T threshold) {
    return x * static_cast<T>(x > threshold);
}

/// clip(x, 0, max_value) above the threshold; alpha · (x − threshold) below.
template <class T>
T full_relu(T x, const Activation& a) {
    const T slope = static_cast<T>(a.alpha), threshold = static_cast<T>(a.threshold);
    if (slope != 0 && threshold == 0 && !a.has_max) return x > 0 ? x : slope * x;
    T y = threshold != 0 ? above(x, threshold) : positive_part(x);
    if (a.has_max) y = clip<T>(y, 0, static_cast<T>(a.max_value));
    return slope == 0 ? y : y - slope * positive_part(threshold - x);
}

template <class T>
T selu_of(T x) {
    constexpr double scale = 1.0507009873554805, alpha = 1.6732632423543772;
    return static_cast<T>(scale) * (x > 0 ? x : static_cast<T>(alpha) * std::expm1(x));
}

template <class T>
T gelu_tanh_of(T x) {
    const T inner = static_cast<T>(std::sqrt(2 / std::numbers::pi)) * (x + static_cast<T>(0.044715) * x * x * x);
    return x / 2 * (1 + std::tanh(inner));
}

template <class T>
T sparse_plus_of(T x) {
    if (x <= -1) return 0;
    return x < 1 ? (x + 1) * (x + 1) / 4 : x;
}

template <class T>
T soft_shrink_of(T x, T limit) {
    if (x > limit) return x - limit;
    return x < -limit ? x + limit : T{0};
}

template <class T>
struct Formulas {
    using A = const Activation&;
    static T linear(T x, A) { return x; }
    static T relu(T x, A a) { return full_relu(x, a); }
    static T relu6(T x, A) { return clip<T>(x, 0, 6); }
    static T leaky_relu(T x, A a) { return x > 0 ? x : static_cast<T>(a.alpha) * x; }
    static T sigmoid(T x, A) { return sigmoid_of(x); }
    static T tanh(T x, A) { return std::tanh(x); }
    static T exponential(T x, A) { return std::exp(x); }
    static T hard_sigmoid_v2(T x, A) { return clip<T>(static_cast<T>(0.2) * x + static_cast<T>(0.5), 0, 1); }
    static T hard_sigmoid(T x, A) { return hard_sigmoid_of(x); }
    static T softplus(T x, A) { return softplus_of(x); }
    static T softsign(T x, A) { return x / (1 + std::abs(x)); }
    static T elu(T x, A a) { return x > 0 ? x : static_cast<T>(a.alpha) * std::expm1(x); }
    static T selu(T x, A) { return selu_of(x); }
    static T silu(T x, A) { return x * sigmoid_of(x); }
    static T gelu(T x, A) { return x / 2 * std::erfc(-x / static_cast<T>(std::numbers::sqrt2)); }
    static T gelu_tanh(T x, A) { return gelu_tanh_of(x); }
    static T mish(T x, A) { return x * std::tanh(softplus_of(x)); }
    static T hard_silu(T x, A) { return x * hard_sigmoid_of(x); }
    static T hard_tanh(T x, A) { return clip<T>(x, -1, 1); }
    static T celu(T x, A a) { return x > 0 ? x : static_cast<T>(a.alpha) * std::expm1(x / static_cast<T>(a.alpha)); }
    static T hard_shrink(T x, A a) { return std::abs(x) > static_cast<T>(a.alpha) ? x : T{0}; }
    static T soft_shrink(T x, A a) { return soft_shrink_of(x, static_cast<T>(a.alpha)); }
    static T tanh_shrink(T x, A) { return x - std::tanh(x); }
    static T squareplus(T x, A) { return (x + std::sqrt(x * x + 4)) / 2; }
    static T sparse_plus(T x, A) { return sparse_plus_of(x); }
    static T sparse_sigmoid(T x, A) { return clip<T>((x + 1) / 2, 0, 1); }
    static T log_sigmoid(T x, A) { return -softplus_of(-x); }
    static T thresholded_relu(T x, A a) { return above(x, static_cast<T>(a.alpha)); }
    static T threshold(T x, A a) { return x > static_cast<T>(a.alpha) ? x : static_cast<T>(a.value); }
};

template <class T>
using Kernel = void (*)(std::span<T>, const Activation&);

template <class T, T (*formula)(T, const Activation&)>
void map(std::span<T> values, const Activation& activation) {
    for (T& value : values) value = formula(value, activation);
}

template <class T>
Kernel<T> elementwise_kernel(Id id) {
    using F = Formulas<T>;
    static constexpr std::pair<Id, Kernel<T>> kernels[] = {
        {Id::relu, map<T, F::relu>},
        {Id::relu6, map<T, F::relu6>},
        {Id::leaky_relu, map<T, F::leaky_relu>},
        {Id::sigmoid, map<T, F::sigmoid>},
        {Id::tanh, map<T, F::tanh>},
        {Id::exponential, map<T, F::exponential>},
        {Id::hard_sigmoid_v2, map<T, F::hard_sigmoid_v2>},
        {Id::hard_sigmoid, map<T, F::hard_sigmoid>},
        {Id::softplus, map<T, F::softplus>},
        {Id::softsign, map<T, F::softsign>},
        {Id::elu, map<T, F::elu>},
        {Id::selu, map<T, F::selu>},
        {Id::silu, map<T, F::silu>},
        {Id::gelu, map<T, F::gelu>},
        {Id::gelu_tanh, map<T, F::gelu_tanh>},
        {Id::mish, map<T, F::mish>},
        {Id::hard_silu, map<T, F::hard_silu>},
        {Id::hard_tanh, map<T, F::hard_tanh>},
        {Id::celu, map<T, F::celu>},
        {Id::hard_shrink, map<T, F::hard_shrink>},
        {Id::soft_shrink, map<T, F::soft_shrink>},
        {Id::tanh_shrink, map<T, F::tanh_shrink>},
        {Id::squareplus, map<T, F::squareplus>},
        {Id::sparse_plus, map<T, F::sparse_plus>},
        {Id::sparse_sigmoid, map<T, F::sparse_sigmoid>},
        {Id::log_sigmoid, map<T, F::log_sigmoid>},
        {Id::thresholded_relu, map<T, F::thresholded_relu>},
        {Id::threshold, map<T, F::threshold>},
    };
    for (const auto& [known, kernel] : kernels)
        if (known == id) return kernel;
    fail(Code::internal, "an activation without a formula");
}

/// y = a · sigmoid(b) for the halves a and b of the last axis.
template <class T>
Tensor glu(const Tensor& x, const Activation& activation) {
    Tensor y = Tensor::uninitialized(x.dtype(), activated_shape(activation, x.shape()));
    const auto half = static_cast<std::size_t>(y.shape().back());
    const T* in = x.values<T>().data();
    const std::span<T> out = y.mutable_values<T>();
    for (std::size_t at = 0; at < out.size(); at += half)
        for (std::size_t i = 0; i < half; ++i) out[at + i] = in[2 * at + i] * sigmoid_of(in[2 * at + half + i]);
    return y;
}

/// Dense layers and cells go on with what they gave to their activation.
Tensor apply_custom(const TensorFunction& function, const Tensor& x) {
    Tensors y = function.call({x});
    if (y.size() != 1 || y[0].shape() != x.shape() || y[0].dtype() != x.dtype())
        fail(Code::unsupported, "an activation that returns ", y.size(), " tensors, ", y[0].dtype(), y[0].shape(),
             ", of ", x.dtype(), x.shape());
    return std::move(y[0]);
}

/// Keras casts the numbers of a relu to the dtype of its input.
Tensor applied_to_integers(Activation activation, const Tensor& x) {
    for (double* number : {&activation.alpha, &activation.threshold, &activation.max_value}) *number = std::trunc(*number);
    Tensor y = x.cast(DType::float64);
    ops::apply(activation, y);
    return y.cast(x.dtype());
}

}  // namespace

bool keeps_integers(const Activation& activation) {
    const bool leaky = activation.alpha != 0 && !activation.has_max && activation.threshold == 0;
    return activation.id == Id::linear || activation.id == Id::relu6 || (activation.id == Id::relu && !leaky);
}

Shape activated_shape(const Activation& activation, const Shape& shape) {
    if (activation.id != Id::glu || shape.back() == Shape::unknown) return shape;
    if (shape.back() % 2 != 0) fail(Code::shape, "glu wants an even last dimension, found shape ", shape);
    return shape.with_back(shape.back() / 2);
}

namespace ops {

void apply(const Activation& activation, Tensor& y) {
    if (activation.id == Id::linear) return;
    if (activation.id == Id::custom) {
        y = apply_custom(*activation.function, y);
        return;
    }
    if (is_integer(y.dtype())) {
        y = applied_to_integers(activation, y);
        return;
    }
    const auto axes = [&] { return activation.axes.resolve(y.shape().rank()); };
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        switch (activation.id) {
            case Id::softmax: return softmax(y, axes());
            case Id::log_softmax: return log_softmax(y, axes());
            case Id::sparsemax: return sparsemax(y, axes());
            case Id::glu: y = glu<T>(y, activation); return;
            default: return elementwise_kernel<T>(activation.id)(y.mutable_values<T>(), activation);
        }
    });
}

}  // namespace ops
}  // namespace layerctl
