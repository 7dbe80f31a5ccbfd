// (x · kernel + bias) · factor + offset = x · (kernel · factor) + (bias · factor + offset): BatchNormalization costs
// nothing behind Dense and convolutions.
#include "engine/kernels/shared_product.hpp"
#include "engine/plan/passes.hpp"

namespace layerctl::plan {
namespace {

/// Kernels that are packed anyway are multiplied then.
template <class Weighted>
void multiply(Weighted& into, const Tensor& factor) {
    if constexpr (requires { into.factor; }) {
        if (into.factor.has_value()) multiply_columns(into.factor.template mutable_values<float>(), factor);
        else into.factor = factor;
    } else {
        multiply_columns(into.kernel.template mutable_values<float>(), factor);
    }
}

/// The last axis of a kernel is that of the outputs.
template <class Weighted>
bool fold(Weighted& into, const Scale& scale) {
    if (into.activation.id != Activation::Id::linear) return false;
    const std::span<const float> factor = scale.factor.values<float>();
    const std::size_t n = factor.size();
    if (static_cast<std::size_t>(into.kernel.shape().back()) != n) return false;
    multiply(into, scale.factor);
    Tensor bias = scale.offset;
    if (into.bias.has_value()) {
        const std::span<const float> before = std::as_const(into.bias).template values<float>();
        const std::span<float> after = bias.mutable_values<float>();
        for (std::size_t i = 0; i < n; ++i) after[i] += before[i] * factor[i];
    }
    into.bias = std::move(bias);
    into.activation = scale.activation;
    return true;
}

bool fold(Scale& into, const Scale& scale) {
    if (into.activation.id != Activation::Id::linear) return false;
    const std::span<const float> factor = scale.factor.values<float>(), offset = scale.offset.values<float>();
    const std::span<float> factors = into.factor.mutable_values<float>(), offsets = into.offset.mutable_values<float>();
    for (std::size_t i = 0; i < factor.size(); ++i) {
        factors[i] *= factor[i];
        offsets[i] = offsets[i] * factor[i] + offset[i];
    }
    into.activation = scale.activation;
    return true;
}

bool fold(Request& into, const Scale& scale) {
    if (auto* product = std::get_if<Product>(&into)) return fold(*product, scale);
    if (auto* convolution = std::get_if<Convolution>(&into)) return fold(*convolution, scale);
    if (auto* depthwise = std::get_if<Depthwise>(&into)) return fold(*depthwise, scale);
    if (auto* separable = std::get_if<Separable>(&into)) return separable->product && fold(*separable->product, scale);
    if (auto* transposed = std::get_if<TransposedConvolution>(&into)) return fold(*transposed, scale);
    if (auto* before = std::get_if<Scale>(&into)) return fold(*before, scale);
    return false;
}

}  // namespace

void fold_scale(Operations& operations) {
    operations.absorb_each<Scale>([](Request& into, const Scale& scale) { return fold(into, scale); });
}

}  // namespace layerctl::plan
