// Activations called as functions.
#include <cmath>

#include "engine/ops/activation.hpp"
#include "engine/ops/moments.hpp"
#include "engine/ops/softmax.hpp"
#include "engine/ops/table/rules.hpp"

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
            }};
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

// y = x / √max(Σx², epsilon)
Op l2_normalize_op() {
    return row_wise(
        {"math.l2_normalize", "nn.l2_normalize"}, {}, "x axis|dim epsilon=1e-12",
        [](const Arguments& a, Tensor& y, const Axes& axes) { l2_normalize(y, axes, std::sqrt(a.number("epsilon"))); });
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
        activation({"nn.silu", "nn.swish"}, {}, "x|features !beta=1.0",
                   [](const Arguments&) { return Activation{.id = Id::silu}; }),
        plain({}, {"Silu"}, Id::silu),
        sloped({"nn.leaky_relu"}, {}, "x|features alpha=0.2", Id::leaky_relu),
        sloped({}, {"LeakyRelu"}, "x alpha|negative_slope=0.2", Id::leaky_relu),
        activation({"nn.elu"}, {}, "x|features",
                   [](const Arguments&) { return Activation{.id = Id::elu, .alpha = 1}; }),
        sloped({}, {"Elu"}, "x alpha=1.0", Id::elu),
        sloped({}, {"Celu"}, "x alpha=1.0", Id::celu),
        gelu({"nn.gelu"}, {}, "x|features approximate=false"),
        gelu({}, {"Gelu"}, "x approximate=true"),
        floats_only(relu_with_limits()),
        row_wise({"nn.softmax", "math.softmax"}, {"Softmax"}, "x|logits axis=-1", softmax),
        row_wise({"nn.log_softmax", "math.log_softmax"}, {"LogSoftmax"}, "x|logits axis=-1", log_softmax),
        l2_normalize_op(),
    };
    return ops;
}

}  // namespace layerctl::ops
