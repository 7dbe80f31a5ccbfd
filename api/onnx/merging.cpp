// Layers that merge their inputs.
#include <algorithm>

#include "api/onnx/layer_call.hpp"
#include "api/onnx/steps.hpp"
#include "engine/ops/axes.hpp"

namespace layerctl::onnx {
namespace {

/// The inputs in the dtype of the output.
Names in_one_dtype(LayerCall& call) {
    const DType dtype = call.layer.compute_output_dtype(call.dtypes).front();
    Names parts;
    for (std::size_t i = 0; i < call.x.size(); ++i)
        parts.push_back(call.dtypes[i] == dtype ? call.x[i] : cast(call.b, call.x[i], dtype));
    return parts;
}

/// The same with axes of size 1 behind the batch axis until all have the output's rank.
Names aligned(LayerCall& call) {
    Names parts = in_one_dtype(call);
    for (std::size_t i = 0; i < parts.size(); ++i)
        parts[i] = unsqueeze(call.b, parts[i], counted(1, 1 + call.out[0].rank() - call.in[i].rank()));
    return parts;
}

/// Keras 2: AND of the masks there are. Keras 3: OR, and none at all if an input has none.
Name merged_mask(LayerCall& call) {
    Name mask;
    for (std::size_t i = 0; i < call.masks.size(); ++i) {
        if (call.masks[i].empty() && call.keras3()) return "";
        if (call.masks[i].empty()) continue;
        if (call.in[i].rank() != call.out[0].rank())
            fail(Code::unsupported, "masks of inputs of different ranks are not written as ONNX");
        mask = mask.empty() ? call.masks[i] : call.b.add(call.keras3() ? "Or" : "And", {mask, call.masks[i]});
    }
    return mask;
}

Name folded(LayerCall& call, const char* op_type) {
    const Names parts = aligned(call);
    Name y = parts.front();
    for (std::size_t i = 1; i < parts.size(); ++i) y = call.b.add(op_type, {y, parts[i]});
    call.out_masks = {merged_mask(call)};
    return y;
}

Names add(LayerCall& call) { return {folded(call, "Add")}; }
Names subtract(LayerCall& call) { return {folded(call, "Sub")}; }

void require_no_masks(const LayerCall& call) {
    for (const Name& mask : call.masks)
        if (!mask.empty()) fail(Code::unsupported, "a mask reaches it, which is not written as ONNX");
}

/// In Keras 3 masked values give way to others'.
void require_unmasked_extremes(const LayerCall& call) {
    if (call.keras3()) require_no_masks(call);
}

Names multiply(LayerCall& call) {
    require_unmasked_extremes(call);
    return {folded(call, "Mul")};
}

Names maximum(LayerCall& call) {
    require_unmasked_extremes(call);
    return {folded(call, "Max")};
}

Names minimum(LayerCall& call) {
    require_unmasked_extremes(call);
    return {folded(call, "Min")};
}

Names average(LayerCall& call) {
    const DType dtype = call.layer.compute_output_dtype(call.dtypes).front();
    return {with_number(call.b, "Div", folded(call, "Add"), dtype, static_cast<double>(call.x.size()))};
}

Names concatenate(LayerCall& call) {
    require_no_masks(call);
    const std::size_t axis = resolve_axis(call.settings.get<std::int64_t>("axis"), call.rank());
    return {concat(call.b, in_one_dtype(call), static_cast<std::int64_t>(axis))};
}

Names dot(LayerCall& call) {
    require_float(call);
    const AxisList axes = call.settings.get<AxisList>("axes");
    std::string labels[2];
    Names x = call.x;
    for (std::size_t i = 0; i < 2; ++i) {
        const std::size_t summed = resolve_axis(axes.values[i % axes.values.size()], call.in[i].rank());
        for (std::size_t k = 0; k < call.in[i].rank(); ++k)
            labels[i] += static_cast<char>(k == 0        ? 'a'
                                           : k == summed ? 'z'
                                                         : (i == 0 ? 'b' : 'm') + static_cast<int>(k));
        if (call.settings.flag("normalize"))
            x[i] = unit_length(call.b, x[i], {static_cast<std::int64_t>(summed)}, call.dtypes[i],
                               call.keras3() ? 1e-7 : 1e-6);
    }
    std::string kept;
    for (const char label : labels[0] + labels[1].substr(1))
        if (label != 'z') kept += label;
    const Name y = einsum(call.b, labels[0] + "," + labels[1] + "->" + kept, x);
    return {kept.size() == 1 ? unsqueeze(call.b, y, {1}) : y};
}

constexpr LayerForm forms[] = {
    {"Add", add, MaskUse::own},
    {"Average", average, MaskUse::own},
    {"Concatenate", concatenate, MaskUse::own},
    {"Dot", dot},
    {"Maximum", maximum, MaskUse::own},
    {"Minimum", minimum, MaskUse::own},
    {"Multiply", multiply, MaskUse::own},
    {"Subtract", subtract, MaskUse::own},
};

}  // namespace

LayerForms merging_forms() { return forms; }

}  // namespace layerctl::onnx
