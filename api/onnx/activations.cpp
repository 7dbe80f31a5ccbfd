// Activations as ONNX nodes, and the layers that are activations.
#include <cmath>
#include <numbers>

#include "api/onnx/layer_call.hpp"
#include "api/onnx/masks.hpp"
#include "api/onnx/steps.hpp"

namespace layerctl::onnx {
namespace {

using Id = Activation::Id;

/// What a formula is written with: one array and numbers of its dtype.
struct Formula {
    Builder& b;
    const Activation& a;
    Name x;
    DType dtype;
    std::size_t rank;

    Name number(double value) const { return b.number(dtype, value); }
    Name with(const char* op_type, const Name& y, double value) const {
        return with_number(b, op_type, y, dtype, value);
    }
    Name times(const Name& l, const Name& r) const { return b.add("Mul", {l, r}); }
    Name above(const Name& y, double limit) const {  // y where it is above the limit, else 0
        return times(y, cast(b, b.add("Greater", {y, number(limit)}), dtype));
    }
    Name between(const Name& y, double low, double high) const { return clip(b, y, dtype, low, high); }
    Name relu() const;
    Name softmax(bool log) const;
};

Name Formula::relu() const {
    if (a.alpha != 0 && a.threshold == 0 && !a.has_max)
        return b.add("LeakyRelu", {x}, {{"alpha", static_cast<float>(a.alpha)}});
    Name y = a.threshold != 0 ? above(x, a.threshold) : b.add("Relu", {x});
    if (a.has_max) y = between(y, 0, a.max_value);
    if (a.alpha == 0) return y;
    const Name below = b.add("Relu", {b.add("Sub", {number(a.threshold), x})});
    return b.add("Sub", {y, with("Mul", below, a.alpha)});
}

/// eˣ / Σ eˣ over one axis or several at once.
Name Formula::softmax(bool log) const {
    const Ints axes = to_ints(a.axes.resolve(rank));
    if (axes.size() == 1) return b.add(log ? "LogSoftmax" : "Softmax", {x}, {{"axis", axes.front()}});
    const Name shifted = b.add("Sub", {x, reduce(b, "ReduceMax", x, axes, true)});
    const Name e = b.add("Exp", {shifted});
    const Name sum = reduce(b, "ReduceSum", e, axes, true);
    return log ? b.add("Sub", {shifted, b.add("Log", {sum})}) : b.add("Div", {e, sum});
}

Name sigmoid(const Formula& f, const Name& x) { return f.b.add("Sigmoid", {x}); }
Name hard_sigmoid(const Formula& f) { return f.with("Div", f.between(f.with("Add", f.x, 3), 0, 6), 6); }

Name gelu(const Formula& f) {
    const Name erf = f.b.add("Erf", {f.with("Div", f.x, std::numbers::sqrt2)});
    return f.times(f.with("Mul", f.x, 0.5), f.with("Add", erf, 1));
}

Name gelu_tanh(const Formula& f) {
    const Name cube = f.with("Mul", f.times(f.times(f.x, f.x), f.x), 0.044715);
    const Name inner = f.with("Mul", f.b.add("Add", {f.x, cube}), std::sqrt(2 / std::numbers::pi));
    return f.times(f.with("Mul", f.x, 0.5), f.with("Add", f.b.add("Tanh", {inner}), 1));
}

Name elu(const Formula& f) { return f.b.add("Elu", {f.x}, {{"alpha", static_cast<float>(f.a.alpha)}}); }

Name celu(const Formula& f) {  // max(x, 0) + min(alpha · (e^(x / alpha) − 1), 0)
    const Name negative = f.with("Min", f.with("Div", f.x, f.a.alpha), 0);
    const Name below = f.with("Mul", f.with("Sub", f.b.add("Exp", {negative}), 1), f.a.alpha);
    return f.b.add("Add", {f.b.add("Relu", {f.x}), below});
}

Name shrink(const Formula& f, double bias) {
    return f.b.add("Shrink", {f.x}, {{"bias", static_cast<float>(bias)}, {"lambd", static_cast<float>(f.a.alpha)}});
}

Name squareplus(const Formula& f) {
    const Name root = f.b.add("Sqrt", {f.with("Add", f.times(f.x, f.x), 4)});
    return f.with("Div", f.b.add("Add", {f.x, root}), 2);
}

Name sparse_plus(const Formula& f) {
    const Name above = f.with("Add", f.x, 1);
    const Name middle = f.with("Div", f.times(above, above), 4);
    const Name upper = f.b.add("Where", {f.b.add("Less", {f.x, f.number(1)}), middle, f.x});
    return f.b.add("Where", {f.b.add("LessOrEqual", {f.x, f.number(-1)}), f.number(0), upper});
}

Name threshold(const Formula& f) {
    return f.b.add("Where", {f.b.add("Greater", {f.x, f.number(f.a.alpha)}), f.x, f.number(f.a.value)});
}

Name glu(const Formula& f) {
    const Names halves = f.b.add_many("Split", {f.x}, 2, {{"axis", std::int64_t{-1}}});
    return f.times(halves[0], sigmoid(f, halves[1]));
}

Name selu(const Formula& f) {
    return f.b.add("Selu", {f.x}, {{"alpha", 1.6732632423543772f}, {"gamma", 1.0507009873554805f}});
}

Name log_sigmoid(const Formula& f) { return f.b.add("Neg", {f.b.add("Softplus", {f.b.add("Neg", {f.x})})}); }

template <const char* const& op_type>
Name plain(const Formula& f) {
    return f.b.add(op_type, {f.x});
}

constexpr const char *tanh_op = "Tanh", *sigmoid_op = "Sigmoid", *exp_op = "Exp", *softplus_op = "Softplus",
                     *softsign_op = "Softsign";

struct Row {
    Id id;
    Name (*write)(const Formula&);
};
constexpr Row rows[] = {
    {Id::linear, [](const Formula& f) { return f.x; }},
    {Id::relu, [](const Formula& f) { return f.relu(); }},
    {Id::relu6, [](const Formula& f) { return f.between(f.x, 0, 6); }},
    {Id::leaky_relu,
     [](const Formula& f) {
         return f.b.add("LeakyRelu", {f.x}, {{"alpha", static_cast<float>(f.a.alpha)}});
     }},
    {Id::sigmoid, plain<sigmoid_op>},
    {Id::tanh, plain<tanh_op>},
    {Id::exponential, plain<exp_op>},
    {Id::hard_sigmoid_v2,
     [](const Formula& f) { return f.between(f.with("Add", f.with("Mul", f.x, 0.2), 0.5), 0, 1); }},
    {Id::hard_sigmoid, hard_sigmoid},
    {Id::softmax, [](const Formula& f) { return f.softmax(false); }},
    {Id::log_softmax, [](const Formula& f) { return f.softmax(true); }},
    {Id::softplus, plain<softplus_op>},
    {Id::softsign, plain<softsign_op>},
    {Id::elu, elu},
    {Id::selu, selu},
    {Id::silu, [](const Formula& f) { return f.times(f.x, sigmoid(f, f.x)); }},
    {Id::gelu, gelu},
    {Id::gelu_tanh, gelu_tanh},
    {Id::mish, [](const Formula& f) { return f.times(f.x, f.b.add("Tanh", {f.b.add("Softplus", {f.x})})); }},
    {Id::hard_silu, [](const Formula& f) { return f.times(f.x, hard_sigmoid(f)); }},
    {Id::hard_tanh, [](const Formula& f) { return f.between(f.x, -1, 1); }},
    {Id::celu, celu},
    {Id::glu, glu},
    {Id::hard_shrink, [](const Formula& f) { return shrink(f, 0); }},
    {Id::soft_shrink, [](const Formula& f) { return shrink(f, f.a.alpha); }},
    {Id::tanh_shrink,
     [](const Formula& f) {
         return f.b.add("Sub", {f.x, f.b.add("Tanh", {f.x})});
     }},
    {Id::squareplus, squareplus},
    {Id::sparse_plus, sparse_plus},
    {Id::sparse_sigmoid, [](const Formula& f) { return f.between(f.with("Div", f.with("Add", f.x, 1), 2), 0, 1); }},
    {Id::log_sigmoid, log_sigmoid},
    {Id::thresholded_relu, [](const Formula& f) { return f.above(f.x, f.a.alpha); }},
    {Id::threshold, threshold},
};

Names activation_layer(LayerCall& call) {
    Activation activation;
    const Config fields(call.settings.fields());
    ConfigReader reader(fields, call.settings.scope());
    activation_layer_config(call.class_name, reader, activation);
    return {activate(call.b, activation, call.x[0], call.dtype(), call.rank())};
}

Names activation_of_name(LayerCall& call) {
    return {activate(call.b, call.settings.get<Activation>("activation"), call.x[0], call.dtype(), call.rank())};
}

/// Masked elements are left out; Keras 3 makes them zero.
Names softmax_layer(LayerCall& call) {
    call.out_masks = {call.masks[0]};
    if (call.masks[0].empty()) return activation_layer(call);
    const Name mask = call.masks[0];
    call.x[0] = pushed_down(call, call.x[0], mask, call.dtype());
    const Name y = activation_layer(call)[0];
    return {call.keras3() ? filled(call.b, y, mask, call.dtype(), 0) : y};
}

Names p_re_lu(LayerCall& call) { return {call.b.add("PRelu", {call.x[0], call.weight("alpha")})}; }

constexpr LayerForm forms[] = {
    {"Activation", activation_of_name},
    {"ELU", activation_layer},
    {"LeakyReLU", activation_layer},
    {"PReLU", p_re_lu},
    {"ReLU", activation_layer},
    {"Softmax", softmax_layer, MaskUse::own},
    {"ThresholdedReLU", activation_layer},
};

}  // namespace

Name activate(Builder& b, const Activation& activation, const Name& x, DType dtype, std::size_t rank) {
    for (const Row& row : rows)
        if (row.id == activation.id) return row.write({b, activation, x, dtype, rank});
    fail(Code::unsupported, "activation ", excerpt(ConfigField<Activation>::write(activation)),
         " is not written as ONNX");
}

LayerForms activation_forms() { return forms; }

}  // namespace layerctl::onnx
