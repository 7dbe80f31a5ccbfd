// Activations called as functions.
#include <cmath>

#include "engine/ops/activation.hpp"
#include "engine/ops/concatenate.hpp"
#include "engine/ops/moments.hpp"
#include "engine/ops/softmax.hpp"
#include "engine/ops/spatial.hpp"
#include "engine/ops/table/requests.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::ops {
namespace {

using Names = std::vector<std::string_view>;
using Id = Activation::Id;

template <class Configure>
Op activation(Names tf, Names keras3, std::string_view signature, Configure configure) {
    return {std::move(tf),
            std::move(keras3),
            signature,
            same_shape,
            float_dtype,
            [configure](const Arguments& a) -> Tensors {
                Tensor y = x_as(a, carried(float_dtype(a)));
                apply(configure(a), y);
                return {y};
            },
            [configure](const Arguments& a) { return activated(a, configure(a)); }};
}

Op plain(Names tf, Names keras3, Id id) {
    return activation(std::move(tf), std::move(keras3), "x|features",
                      [id](const Arguments&) { return Activation{.id = id}; });
}

Op sloped(Names tf, Names keras3, std::string_view signature, Id id) {
    return activation(std::move(tf), std::move(keras3), signature,
                      [id](const Arguments& a) { return Activation{.id = id, .alpha = a.number("alpha")}; });
}

Op gelu(Names tf, Names keras3, std::string_view signature) {
    return activation(std::move(tf), std::move(keras3), signature, [](const Arguments& a) {
        return Activation{.id = a.flag("approximate") ? Id::gelu_tanh : Id::gelu};
    });
}

using RowFunction = void (*)(Tensor&, const Axes&);

// null means the last axis in TensorFlow and all axes jointly in Keras 3.
Axes row_axes(const Arguments& a) {
    const std::size_t rank = a.shape("x").rank();
    if (a.given("axis")) return AxisList{a.integers("axis"), true}.resolve(rank);
    if (!a.keras3()) return AxisList{}.resolve(rank);
    Axes axes(rank);
    for (std::size_t i = 0; i < rank; ++i) axes[i] = i;
    return axes;
}

Op row_wise(Names tf, Names keras3, std::string_view signature,
            std::function<void(const Arguments&, Tensor&, const Axes&)> f) {
    return {std::move(tf),
            std::move(keras3),
            signature,
            [](const Arguments& a) {
                row_axes(a);
                return same_shape(a);
            },
            float_dtype,
            [f = std::move(f)](const Arguments& a) -> Tensors {
                Tensor y = x_as(a, carried(float_dtype(a)));
                f(a, y, row_axes(a));
                return {y};
            }};
}

Op row_wise(Names tf, Names keras3, std::string_view signature, RowFunction f) {
    return row_wise(std::move(tf), std::move(keras3), signature,
                    [f](const Arguments&, Tensor& y, const Axes& axes) { f(y, axes); });
}

std::optional<Request> softmax_of_rows(const Arguments& a) {
    const Axes axes = row_axes(a);
    return activated(a, {.id = Id::softmax, .axes = {{axes.begin(), axes.end()}, true}});
}

// y = x / √max(Σx², epsilon); null means all axes
Op l2_normalize_op() {
    return row_wise({"math.l2_normalize", "nn.l2_normalize"}, {}, "x axis|dim=null epsilon=1e-12",
                    [](const Arguments& a, Tensor& y, const Axes&) {
                        l2_normalize(y, axes_or_all(a), std::sqrt(a.number("epsilon")));
                    });
}

// The class keras.activations.relu records when it is given more than a slope.
Op relu_with_limits() {
    return activation({}, {"ReLU"}, "x negative_slope=0.0 max_value=null threshold=0.0", [](const Arguments& a) {
        Activation relu{.id = Id::relu, .alpha = a.number("negative_slope"), .threshold = a.number("threshold")};
        relu.has_max = a.given("max_value");
        if (relu.has_max) relu.max_value = a.number("max_value");
        return relu;
    });
}

// x · sigmoid(beta · x)
Op silu_op() {
    return {
        {"nn.silu", "nn.swish"}, {}, "x|features beta=1.0", same_shape, float_dtype, [](const Arguments& a) -> Tensors {
            Tensor y = x_as(a, carried(float_dtype(a)));
            if (a.number("beta") == 1) {
                apply(Activation{.id = Id::silu}, y);
                return {y};
            }
            with_float(y.dtype(), [&]<class T>(Type<T>) {
                const T beta = static_cast<T>(a.number("beta"));
                for (T& x : y.mutable_values<T>()) x = x / (1 + std::exp(-beta * x));
            });
            return {y};
        },
        [](const Arguments& a) -> std::optional<Request> {
            if (a.number("beta") != 1) return {};
            return activated(a, {.id = Id::silu});
        }};
}

// (x + √(x² + b)) / 2
Op squareplus_op() {
    return {{}, {"Squareplus"}, "x b=4", same_shape, float_dtype, [](const Arguments& a) -> Tensors {
                Tensor y = x_as(a, carried(float_dtype(a)));
                with_float(y.dtype(), [&]<class T>(Type<T>) {
                    const T b = static_cast<T>(a.number("b"));
                    for (T& x : y.mutable_values<T>()) x = (x + std::sqrt(x * x + b)) / 2;
                });
                return {y};
            }};
}

Op threshold_op() {
    return activation({}, {"Threshold"}, "x threshold default_value", [](const Arguments& a) {
        return Activation{.id = Id::threshold, .alpha = a.number("threshold"), .value = a.number("default_value")};
    });
}

Shape halved(const Shape& shape, std::size_t axis) {
    if (shape[axis] == Shape::unknown) return shape;
    if (shape[axis] % 2 != 0) fail(Code::shape, "wanted an even size on axis ", axis, ", found shape ", shape);
    return shape.with(axis, shape[axis] / 2);
}

// The first half along the axis times the sigmoid of the second.
Op glu_op() {
    const auto axis = [](const Arguments& a) { return resolve_axis(a.integer("axis"), a.shape("x").rank()); };
    return {{},
            {"Glu"},
            "x axis=-1",
            [axis](const Arguments& a) -> Shapes { return {halved(a.shape("x"), axis(a))}; },
            float_dtype,
            [axis](const Arguments& a) -> Tensors {
                const Permutation order = to_back({axis(a)}, a.shape("x").rank());
                Tensor y = transpose(x_as(a, carried(float_dtype(a))), order);
                apply(Activation{.id = Id::glu}, y);
                return {transpose(y, inverse(order))};
            }};
}

// relu(x) beside relu(−x)
Op crelu_op() {
    const auto axis = [](const Arguments& a) { return resolve_axis(a.integer("axis"), a.shape("x").rank()); };
    return {
        {"nn.crelu", "compat.v1.nn.crelu"},
        {},
        "x|features axis=-1",
        [axis](const Arguments& a) -> Shapes {
            const Shape x = a.shape("x");
            return {x.with(axis(a), times(x[axis(a)], 2))};
        },
        float_dtype,
        [axis](const Arguments& a) -> Tensors {
            const Tensor x = x_as(a, carried(float_dtype(a)));
            return with_float(x.dtype(), [&]<class T>(Type<T>) {
                const auto part = [](T v) { return v < 0 ? T{0} : v; };
                return Tensors{concatenate({mapped<T>(x, part), mapped<T>(x, [&](T v) { return part(-v); })}, axis(a))};
            });
        }};
}

}  // namespace

const OpList& activation_ops() {
    static const OpList ops = {
        floats_only(plain({"nn.relu"}, {"Relu"}, Id::relu)),
        floats_only(plain({"nn.relu6"}, {"Relu6"}, Id::relu6)),
        plain({"math.sigmoid", "nn.sigmoid", "sigmoid"}, {"Sigmoid"}, Id::sigmoid),
        plain({"math.tanh", "nn.tanh", "tanh"}, {"Tanh"}, Id::tanh),
        plain({"math.softplus", "nn.softplus"}, {"Softplus"}, Id::softplus),
        plain({"nn.softsign", "math.softsign"}, {"Softsign"}, Id::softsign),
        plain({"nn.selu"}, {"Selu"}, Id::selu),
        plain({"math.log_sigmoid"}, {"LogSigmoid"}, Id::log_sigmoid),
        plain({}, {"HardSigmoid"}, Id::hard_sigmoid),
        plain({}, {"HardSilu", "HardSwish"}, Id::hard_silu),
        plain({}, {"HardTanh"}, Id::hard_tanh),
        plain({}, {"TanhShrink"}, Id::tanh_shrink),
        plain({}, {"SparseSigmoid"}, Id::sparse_sigmoid),
        plain({}, {"SparsePlus"}, Id::sparse_plus),
        silu_op(),
        plain({}, {"Silu"}, Id::silu),
        squareplus_op(),
        sloped({}, {"SoftShrink"}, "x alpha|threshold=0.5", Id::soft_shrink),
        sloped({}, {"HardShrink"}, "x alpha|threshold=0.5", Id::hard_shrink),
        threshold_op(),
        sloped({"nn.leaky_relu"}, {}, "x|features alpha=0.2", Id::leaky_relu),
        sloped({}, {"LeakyRelu"}, "x alpha|negative_slope=0.2", Id::leaky_relu),
        activation({"nn.elu"}, {}, "x|features",
                   [](const Arguments&) { return Activation{.id = Id::elu, .alpha = 1}; }),
        sloped({}, {"Elu"}, "x alpha=1.0", Id::elu),
        sloped({}, {"Celu"}, "x alpha=1.0", Id::celu),
        gelu({"nn.gelu"}, {}, "x|features approximate=false"),
        gelu({}, {"Gelu"}, "x approximate=true"),
        floats_only(relu_with_limits()),
        lowered(row_wise({"nn.softmax", "math.softmax"}, {"Softmax"}, "x|logits axis=-1", softmax), softmax_of_rows),
        lowered(row_wise({"compat.v1.nn.softmax", "compat.v1.math.softmax"}, {}, "x|logits axis|dim=null", softmax),
                softmax_of_rows),
        row_wise({"nn.log_softmax", "math.log_softmax"}, {"LogSoftmax"}, "x|logits axis=-1", log_softmax),
        row_wise({"compat.v1.nn.log_softmax", "compat.v1.math.log_softmax"}, {}, "x|logits axis|dim=null", log_softmax),
        row_wise({}, {"Sparsemax"}, "x axis=-1", sparsemax),
        glu_op(),
        crelu_op(),
        l2_normalize_op(),
    };
    return ops;
}

}  // namespace layerctl::ops
