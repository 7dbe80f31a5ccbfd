// x · f(x), and what f itself may be written as, are activations: hard-swish of MobileNetV3, swish in operations.
#include <algorithm>
#include <array>

#include "engine/kernels/simd/simd.hpp"
#include "engine/plan/passes.hpp"

namespace layerctl::plan {
namespace {

using Id = Activation::Id;

/// f, and x · f(x).
struct Gate {
    Id gate, gated;
};
constexpr std::array gates = {Gate{Id::sigmoid, Id::silu}, Gate{Id::hard_sigmoid, Id::hard_silu}};

bool all_are(const Tensor& tensor, float number) {
    return std::ranges::all_of(tensor.values<float>(), [=](float it) { return it == number; });
}

bool is_scale(const Scale& scale, float factor, float offset) {
    return all_are(scale.factor, factor) && all_are(scale.offset, offset);
}

bool is_relu6(const Activation& activation) {
    const std::optional<simd::Curve> curve = simd::curve_of(activation);
    return curve && curve->id == Id::linear && curve->low == 0 && curve->high == 6;
}

bool is_sixth(const Scale& scale) { return scale.activation.id == Id::linear && is_scale(scale, 1.0F / 6, 0); }

bool is_sixth(const Combine& combine) {
    if (combine.kind != Combine::Kind::divide || combine.activation.id != Id::linear) return false;
    return combine.constant.has_value() && combine.place == 1 && combine.constant.elements() == 1 &&
           all_are(combine.constant, 6);
}

/// A sixth of relu6(x + 3).
template <class Sixth>
bool close_hard_sigmoid(Request& into, const Sixth& next) {
    const Scale* scale = std::get_if<Scale>(&into);
    if (scale == nullptr || !is_relu6(scale->activation) || !is_scale(*scale, 1, 3) || !is_sixth(next)) return false;
    into = Elementwise{{.id = Id::hard_sigmoid}};
    return true;
}

void find_hard_sigmoids(Operations& operations) {
    operations.absorb_each<Elementwise>([](Request& into, const Elementwise& next) {
        Scale* scale = std::get_if<Scale>(&into);
        if (scale == nullptr || scale->activation.id != Id::linear || !is_scale(*scale, 1, 3)) return false;
        if (!is_relu6(next.activation)) return false;
        scale->activation = next.activation;
        return true;
    });
    operations.absorb_each<Scale>(close_hard_sigmoid<Scale>);
    operations.absorb_each<Combine>(close_hard_sigmoid<Combine>);
}

std::optional<Activation> gated(const Activation& activation) {
    const auto found =
        std::find_if(gates.begin(), gates.end(), [&](const Gate& gate) { return gate.gate == activation.id; });
    if (found == gates.end()) return {};
    return Activation{.id = found->gated};
}

}  // namespace

void fuse_gates(Operations& operations) {
    find_hard_sigmoids(operations);
    operations.absorb_gates(gated);
}

}  // namespace layerctl::plan
