// Layers that standardize: x − mean over a deviation, times gamma, plus beta.
#include <cmath>

#include "api/onnx/layer_call.hpp"
#include "api/onnx/steps.hpp"
#include "engine/layers/normalization/center_scale.hpp"
#include "engine/layers/wrapper.hpp"
#include "engine/ops/axes.hpp"

namespace layerctl::onnx {
namespace {

bool has_weight(const LayerCall& call, std::string_view name) {
    for (std::size_t i = 0; i < call.w.size(); ++i)
        if (call.w.name(i) == name) return true;
    return false;
}

/// y · gamma + beta, as far as there are any, seen in `shape`.
Name center_scale(LayerCall& call, Name y, const Shape& shape) {
    if (has_weight(call, "gamma")) y = call.b.add("Mul", {y, call.weight("gamma", shape)});
    if (has_weight(call, "beta")) y = call.b.add("Add", {y, call.weight("beta", shape)});
    return y;
}

double epsilon_of(const LayerCall& call) { return call.settings.get<double>("epsilon"); }

/// A stored vector, or one number for every channel.
Name channel_weight(LayerCall& call, const char* name, std::int64_t channels, float otherwise) {
    if (has_weight(call, name)) return call.weight(name);
    const std::vector<float> same(static_cast<std::size_t>(channels), otherwise);
    return call.b.constant(name, Tensor::from({channels}, same).cast(call.dtype()));
}

/// ONNX' operator wants the channels on axis 1; of several axes the formula is written out.
Names batch_normalization(LayerCall& call) {
    Builder& b = call.b;
    const std::vector<std::size_t> axes = call.settings.get<AxisList>("axis").resolve(call.rank());
    if (axes.size() == 1 && axes[0] != 0) {
        const std::int64_t channels = call.in[0][axes[0]];
        ops::Permutation order = ops::inverse(ops::to_back({1}, call.rank()));
        if (axes[0] != call.rank() - 1 || axes[0] == 1) order = {};
        if (axes[0] == 1 || !order.empty()) {
            const Name x = order.empty() ? call.x[0] : transpose(b, call.x[0], order);
            const Name y =
                b.add("BatchNormalization",
                      {x, channel_weight(call, "gamma", channels, 1), channel_weight(call, "beta", channels, 0),
                       call.weight("moving_mean"), call.weight("moving_variance")},
                      {{"epsilon", static_cast<float>(epsilon_of(call))}});
            return {order.empty() ? y : transpose(b, y, ops::inverse(order))};
        }
    }
    Shape shape = broadcast_shape_of(call.in[0], axes);
    const Name variance = with_number(b, "Add", call.weight("moving_variance", shape), call.dtype(), epsilon_of(call));
    const Name centred = b.add("Sub", {call.x[0], call.weight("moving_mean", shape)});
    return {center_scale(call, b.add("Div", {centred, b.add("Sqrt", {variance})}), shape)};
}

/// √(mean of squares + epsilon) of what is already centred, or not.
Name deviation(Builder& b, const Name& x, const Ints& axes, DType dtype, double epsilon) {
    const Name squares = reduce(b, "ReduceMean", b.add("Mul", {x, x}), axes, true);
    return b.add("Sqrt", {with_number(b, "Add", squares, dtype, epsilon)});
}

Name centred(Builder& b, const Name& x, const Ints& axes) {
    return b.add("Sub", {x, reduce(b, "ReduceMean", x, axes, true)});
}

Name standardized(Builder& b, const Name& x, const Ints& axes, DType dtype, double epsilon) {
    const Name c = centred(b, x, axes);
    return b.add("Div", {c, deviation(b, c, axes, dtype, epsilon)});
}

Names layer_normalization(LayerCall& call) {
    Builder& b = call.b;
    const std::vector<std::size_t> resolved = call.settings.get<AxisList>("axis").resolve(call.rank());
    const Ints axes = to_ints(resolved);
    const Shape shape = broadcast_shape_of(call.in[0], resolved);
    Name y;
    if (call.settings.flag("rms_scaling")) {
        const Name spread = deviation(b, centred(b, call.x[0], axes), axes, call.dtype(), epsilon_of(call));
        y = b.add("Div", {call.x[0], spread});
    } else {
        y = standardized(b, call.x[0], axes, call.dtype(), epsilon_of(call));
    }
    return {center_scale(call, y, shape)};
}

Names rms_normalization(LayerCall& call) {
    const Ints axes = to_ints(call.settings.get<AxisList>("axis").resolve(call.rank()));
    const Name spread = deviation(call.b, call.x[0], axes, call.dtype(), epsilon_of(call));
    return {call.b.add("Mul", {call.b.add("Div", {call.x[0], spread}), call.weight("scale")})};
}

/// The channel axis as (groups, channels of a group), standardized over all but batch and groups.
Names group_normalization(LayerCall& call) {
    Builder& b = call.b;
    const Shape& in = call.in[0];
    const std::size_t channel = resolve_axis(call.settings.get<std::int64_t>("axis"), call.rank());
    const std::int64_t given = call.settings.get<std::int64_t>("groups"), groups = given == -1 ? in[channel] : given;
    Ints dims(call.rank(), 0);
    dims[channel] = groups;
    const auto place = dims.begin() + static_cast<std::ptrdiff_t>(channel);
    dims.insert(place + 1, in[channel] / groups);
    for (std::size_t i = channel + 2; i < dims.size(); ++i) dims[i] = in[i - 1];  // 0 would copy the axis before it
    Ints within;
    for (std::size_t i = 1; i < dims.size(); ++i)
        if (i != channel) within.push_back(static_cast<std::int64_t>(i));
    const Name grouped = standardized(b, reshape(b, call.x[0], dims), within, call.dtype(), epsilon_of(call));
    const Name y = b.add("Reshape", {grouped, b.add("Shape", {call.x[0]})});
    return {center_scale(call, y, broadcast_shape_of(in, {channel}))};
}

/// x / max(√Σx², 1e-12); Keras 2 keeps the sum of squares above 1e-12.
Names unit_normalization(LayerCall& call) {
    const Ints axes = to_ints(call.settings.get<AxisList>("axis").resolve(call.rank()));
    return {unit_length(call.b, call.x[0], axes, call.dtype(), call.keras3() ? 1e-12 : 1e-6)};
}

Names spectral_normalization(LayerCall& call) {
    return emit_wrapped(call, call.settings.get<Value>("layer"), call.w.below("layer"), call.x[0], call.in[0]);
}

constexpr LayerForm forms[] = {
    {"BatchNormalization", batch_normalization},
    {"GroupNormalization", group_normalization, MaskUse::refused},
    {"LayerNormalization", layer_normalization},
    {"RMSNormalization", rms_normalization},
    {"SpectralNormalization", spectral_normalization, MaskUse::refused},
    {"UnitNormalization", unit_normalization},
};

}  // namespace

LayerForms normalization_forms() { return forms; }

}  // namespace layerctl::onnx
