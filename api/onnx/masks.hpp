// Masks over scores, as Keras leaves elements out of a softmax. Internal to api.
#pragma once

#include "api/onnx/layer_call.hpp"
#include "api/onnx/steps.hpp"

namespace layerctl::onnx {

/// a AND b; an empty name lets everything pass.
inline Name masks_and(Builder& b, const Name& x, const Name& y) {
    return x.empty() || y.empty() ? x + y : b.add("And", {x, y});
}

/// y where the mask holds, else y − 1e9 (float16: 65504), rounded to the layer's dtype.
inline Name pushed_down(const LayerCall& call, const Name& y, const Name& mask, DType dtype) {
    const DType compute = call.layer.context().compute_dtype;
    const Name far = with_number(call.b, "Sub", y, dtype, compute == DType::float16 ? 65504 : 1e9);
    const Name out = call.b.add("Where", {mask, y, far});
    return compute == dtype ? out : cast(call.b, cast(call.b, out, compute), dtype);
}

/// y where the mask holds, else a number.
inline Name filled(Builder& b, const Name& y, const Name& mask, DType dtype, double value) {
    return b.add("Where", {mask, y, b.number(dtype, value)});
}

}  // namespace layerctl::onnx
