// Dense, EinsumDense, Embedding, Masking and what hands its input on.
#include "api/onnx/layer_call.hpp"
#include "api/onnx/steps.hpp"
#include "api/onnx/weights.hpp"

namespace layerctl::onnx {
namespace {

Names dense(LayerCall& call) {
    require_float(call);
    require_plain_weights(call);
    Name y = call.b.add("MatMul", {call.x[0], call.weight("kernel")});
    if (call.settings.flag("use_bias")) y = call.b.add("Add", {y, call.weight("bias")});
    return {activate(call.b, call.settings.get<Activation>("activation"), y, call.dtype(), call.rank())};
}

/// "ab,bc->ac" of letters; leading dots stand for axes that only ONNX' einsum must count.
Names einsum_dense(LayerCall& call) {
    require_float(call);
    require_plain_weights(call);
    Name y = einsum(call.b, call.settings.text("equation"), {call.x[0], call.weight("kernel")});
    if (call.settings.has("bias_axes")) y = call.b.add("Add", {y, call.weight("bias")});
    return {activate(call.b, call.settings.get<Activation>("activation"), y, call.dtype(), call.out[0].rank())};
}

/// Floats lose their fraction. Keras 3 counts negative ids from the end, as Gather does.
Names embedding(LayerCall& call) {
    require_plain_weights(call);
    const Name ids = cast(call.b, call.x[0], DType::int64);
    if (call.settings.flag("mask_zero")) call.out_masks = {cast(call.b, call.x[0], DType::boolean)};
    return {call.b.add("Gather", {call.weight("embeddings"), ids}, {{"axis", std::int64_t{0}}})};
}

/// Steps whose features all equal mask_value are masked, and zeroed.
Names masking(LayerCall& call) {
    Builder& b = call.b;
    const Name same = b.add("Equal", {call.x[0], b.number(call.dtype(), call.settings.get<double>("mask_value"))});
    const Name other = cast(b, b.add("Not", {same}), DType::float32);
    const Name any = reduce(b, "ReduceMax", other, {static_cast<std::int64_t>(call.rank()) - 1}, true);
    call.out_masks = {cast(b, squeeze(b, any, {-1}), DType::boolean)};
    return {b.add("Mul", {call.x[0], cast(b, any, call.dtype())})};
}

Names layer_scale(LayerCall& call) { return {call.b.add("Mul", {call.x[0], call.weight("gamma")})}; }

constexpr LayerForm forms[] = {
    {"Dense", dense},       {"EinsumDense", einsum_dense}, {"Embedding", embedding, MaskUse::own},
    {"Identity", identity}, {"LayerScale", layer_scale},   {"Masking", masking, MaskUse::own},
};

constexpr LayerForm training_only[] = {
    {"ActivityRegularization", identity}, {"AlphaDropout", identity},     {"Dropout", identity},
    {"GaussianDropout", identity},        {"GaussianNoise", identity},    {"SpatialDropout1D", identity},
    {"SpatialDropout2D", identity},       {"SpatialDropout3D", identity}, {"StochasticDepth", identity},
};

}  // namespace

LayerForms core_forms() { return forms; }
LayerForms regularization_forms() { return training_only; }

}  // namespace layerctl::onnx
