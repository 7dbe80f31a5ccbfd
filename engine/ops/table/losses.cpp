// Losses and measures of difference called as functions.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/softmax.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

using Names = std::vector<std::string_view>;

DType loss_dtype(const Arguments& a) {
    const DType dtype = common_dtype(a, {"labels", "logits"});
    if (!is_floating(dtype)) fail(Code::unsupported, "a loss of ", dtype);
    return dtype;
}

Shapes loss_shape(const Arguments& a) { return {broadcast_shape(a.shape("labels"), a.shape("logits"))}; }

Tensor side(const Arguments& a, std::string_view name) { return a.tensor(a.operand(name), carried(loss_dtype(a))); }

/// A loss of each pair of elements: `f(arguments, label, logit)`.
template <class F>
Op elementwise_loss(Names tf, std::string_view signature, F f) {
    return {std::move(tf), {}, signature, loss_shape, loss_dtype, [f](const Arguments& a) -> Tensors {
                const Tensor labels = side(a, "labels"), logits = side(a, "logits");
                Tensor y = Tensor::uninitialized(labels.dtype(), loss_shape(a).front());
                with_float(y.dtype(), [&]<class T>(Type<T>) {
                    binary<T>(labels, logits, y, [&](T label, T logit) { return f(a, label, logit); });
                });
                return {y};
            }};
}

template <class T>
T softplus_of_minus(T x) {  // log(1 + exp(−x))
    return std::max(-x, T{0}) + std::log1p(std::exp(-std::abs(x)));
}

struct SigmoidCrossEntropy {
    template <class T>
    T operator()(const Arguments&, T label, T logit) const {
        return std::max(logit, T{0}) - logit * label + std::log1p(std::exp(-std::abs(logit)));
    }
};

struct WeightedCrossEntropy {
    template <class T>
    T operator()(const Arguments& a, T label, T logit) const {
        const T weight = 1 + (static_cast<T>(a.number("pos_weight")) - 1) * label;
        return (1 - label) * logit + weight * softplus_of_minus(logit);
    }
};

// exp(x) − x·z, and Stirling's approximation of log z! for the full loss.
struct LogPoisson {
    template <class T>
    T operator()(const Arguments& a, T label, T logit) const {
        const T loss = std::exp(logit) - logit * label;
        if (!a.flag("compute_full_loss") || (label >= 0 && label <= 1)) return loss;
        return loss + (label * std::log(label) - label + std::log(2 * std::numbers::pi_v<T> * label) / 2);
    }
};

Shape without(const Shape& shape, std::size_t axis) {
    std::vector<std::int64_t> dims = shape.dims();
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
    return Shape(std::move(dims));
}

// −Σ label · log softmax(logit) along the axis.
Op softmax_cross_entropy() {
    const auto axis = [](const Arguments& a) { return resolve_axis(a.integer("axis"), a.shape("logits").rank()); };
    return {{"nn.softmax_cross_entropy_with_logits", "compat.v1.nn.softmax_cross_entropy_with_logits_v2"},
            {},
            "labels logits axis|dim=-1",
            [axis](const Arguments& a) -> Shapes {
                if (!a.shape("labels").is_compatible_with(a.shape("logits")))
                    fail(Code::shape, "wanted labels for logits of shape ", a.shape("logits"), ", found shape ",
                         a.shape("labels"));
                return {without(a.shape("logits"), axis(a))};
            },
            loss_dtype,
            [axis](const Arguments& a) -> Tensors {
                const Permutation order = to_back({axis(a)}, a.shape("logits").rank());
                const Tensor labels = transpose(side(a, "labels"), order);
                Tensor logs = transpose(side(a, "logits"), order);
                log_softmax(logs, {order.size() - 1});
                Tensor y = Tensor::uninitialized(logs.dtype(), without(a.shape("logits"), axis(a)));
                with_float(logs.dtype(), [&]<class T>(Type<T>) {
                    const auto n = static_cast<std::size_t>(logs.shape().back());
                    const T* label = labels.values<T>().data();
                    const T* log = logs.values<T>().data();
                    for (T& loss : y.mutable_values<T>()) {
                        loss = -std::inner_product(log, log + n, label, T{0});
                        log += n, label += n;
                    }
                });
                return {y};
            }};
}

// −log softmax(logits)[label]
Op sparse_cross_entropy() {
    const auto dtype = [](const Arguments& a) {
        if (!is_floating(a.dtype("logits"))) fail(Code::unsupported, "a loss of ", a.dtype("logits"));
        return a.dtype("logits");
    };
    return {{"nn.sparse_softmax_cross_entropy_with_logits", "compat.v1.nn.sparse_softmax_cross_entropy_with_logits"},
            {},
            "labels logits",
            [](const Arguments& a) -> Shapes {
                const Shape logits = a.shape("logits");
                if (logits.rank() == 0 || !a.shape("labels").is_compatible_with(without(logits, logits.rank() - 1)))
                    fail(Code::shape, "wanted a label for each row of ", logits, ", found shape ", a.shape("labels"));
                return {without(logits, logits.rank() - 1)};
            },
            dtype,
            [dtype](const Arguments& a) -> Tensors {
                Tensor logs = a.tensor(a.operand("logits"), carried(dtype(a)));
                const Tensor labels = a.tensor(a.operand("labels"), DType::int64);
                const std::int64_t n = logs.shape().back();
                log_softmax(logs, {logs.shape().rank() - 1});
                Tensor y = Tensor::uninitialized(logs.dtype(), labels.shape());
                with_float(logs.dtype(), [&]<class T>(Type<T>) {
                    const T* log = logs.values<T>().data();
                    T* loss = y.mutable_values<T>().data();
                    for (const std::int64_t label : labels.values<std::int64_t>()) {
                        if (label < 0 || label >= n) fail(Code::input, "label ", label, " of ", n, " classes");
                        *loss++ = -log[label];
                        log += n;
                    }
                });
                return {y};
            }};
}

Shapes scalar_shape(const Arguments&) { return {Shape{}}; }

Op l2_loss() {
    return {{"nn.l2_loss"}, {}, "x|t", scalar_shape, float_dtype, [](const Arguments& a) -> Tensors {
                const Tensor x = x_as(a, carried(float_dtype(a)));
                return with_float(x.dtype(), [&]<class T>(Type<T>) {
                    double sum = 0;
                    for (const T v : x.values<T>()) sum += static_cast<double>(v) * static_cast<double>(v);
                    return Tensors{Tensor::from(Shape{}, std::vector<T>{static_cast<T>(sum / 2)})};
                });
            }};
}

Op zero_fraction() {
    const auto dtype = [](const Arguments& a) {
        number_dtype(a);
        return DType::float32;
    };
    return {{"math.zero_fraction", "nn.zero_fraction", "compat.v1.math.zero_fraction"},
            {},
            "x|value|input",
            scalar_shape,
            dtype,
            [](const Arguments& a) -> Tensors {
                const Tensor x = x_as(a, DType::float64);
                const auto values = x.values<double>();
                const auto zeros = static_cast<double>(std::count(values.begin(), values.end(), 0.0));
                const auto fraction = static_cast<float>(zeros / static_cast<double>(values.size()));
                return {Tensor::from(Shape{}, std::vector<float>{fraction})};
            }};
}

// 20·log₁₀(largest value) − 10·log₁₀(mean squared error): of each image in TensorFlow, of everything in Keras 3.
Op signal_to_noise(Names tf, Names keras3, std::string_view signature) {
    const auto dtype = [](const Arguments& a) {
        const DType common = common_dtype(a, {"x", "y"});
        if (common != DType::float32) fail(Code::unsupported, "wanted float32, found ", common);
        return common;
    };
    const auto shapes = [](const Arguments& a) -> Shapes {
        const Shape x = a.shape("x");
        if (!x.is_compatible_with(a.shape("y")) || (!a.keras3() && x.rank() < 3))
            fail(Code::shape, "wanted two images of one shape, found ", x, " and ", a.shape("y"));
        return {a.keras3() ? Shape{} : x.slice(0, x.rank() - 3)};
    };
    return {std::move(tf), std::move(keras3), signature, shapes, dtype, [=](const Arguments& a) -> Tensors {
                const Tensor x = a.tensor(a.operand("x"), dtype(a)), y = a.tensor(a.operand("y"), dtype(a));
                Tensor results = Tensor::uninitialized(DType::float32, shapes(a).front());
                const std::size_t n = x.elements() / std::max<std::size_t>(results.elements(), 1);
                const float* left = x.values<float>().data();
                const float* right = y.values<float>().data();
                for (float& result : results.mutable_values<float>()) {
                    double sum = 0;
                    for (std::size_t i = 0; i < n; ++i, ++left, ++right)
                        sum += std::pow(double{*left} - double{*right}, 2);
                    result = static_cast<float>(20 * std::log10(a.number("max_val")) -
                                                10 * std::log10(sum / static_cast<double>(n)));
                }
                return {results};
            }};
}

}  // namespace

const OpList& loss_ops() {
    static const OpList ops = {
        elementwise_loss({"nn.sigmoid_cross_entropy_with_logits", "compat.v1.nn.sigmoid_cross_entropy_with_logits"},
                         "labels logits", SigmoidCrossEntropy{}),
        elementwise_loss({"nn.weighted_cross_entropy_with_logits"}, "labels logits pos_weight", WeightedCrossEntropy{}),
        elementwise_loss({"nn.log_poisson_loss"}, "labels|targets logits|log_input compute_full_loss=false",
                         LogPoisson{}),
        softmax_cross_entropy(),
        sparse_cross_entropy(),
        l2_loss(),
        zero_fraction(),
        signal_to_noise({"image.psnr"}, {}, "x|a y|b max_val"),
        signal_to_noise({}, {"PSNR"}, "x|x1 y|x2 max_val"),
    };
    return ops;
}

}  // namespace layerctl::ops
