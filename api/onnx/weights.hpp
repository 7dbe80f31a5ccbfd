// What emitters ask of weights before they write them. Internal to api.
#pragma once

#include "api/onnx/layer_call.hpp"

namespace layerctl::onnx {

/// Low-rank updates are not merged into what is written.
inline void require_plain_weights(const LayerCall& call) {
    if (call.settings.has("lora_rank"))
        fail(Code::unsupported, "a low-rank update of its kernel is not written as ONNX");
}

}  // namespace layerctl::onnx
