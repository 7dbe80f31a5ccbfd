// What computes a number also gives it to the activation that comes next, while it is at hand.
#include "engine/kernels/simd/simd.hpp"
#include "engine/plan/passes.hpp"

namespace layerctl::plan {
namespace {

/// Where a request keeps its activation; null if it has none of its own.
Activation* activation_of(Request& request) {
    if (auto* product = std::get_if<Product>(&request)) return &product->activation;
    if (auto* convolution = std::get_if<Convolution>(&request)) return &convolution->activation;
    if (auto* depthwise = std::get_if<Depthwise>(&request)) return &depthwise->activation;
    if (auto* separable = std::get_if<Separable>(&request))
        return separable->product ? &separable->product->activation : nullptr;
    if (auto* transposed = std::get_if<TransposedConvolution>(&request)) return &transposed->activation;
    if (auto* combine = std::get_if<Combine>(&request)) return &combine->activation;
    if (auto* scale = std::get_if<Scale>(&request)) return &scale->activation;
    return nullptr;
}

}  // namespace

void fuse_activation(Operations& operations) {
    operations.absorb_each<Elementwise>([](Request& into, const Elementwise& next) {
        Activation* place = activation_of(into);
        if (place == nullptr || place->id != Activation::Id::linear || !simd::curve_of(next.activation)) return false;
        *place = next.activation;
        return true;
    });
}

}  // namespace layerctl::plan
