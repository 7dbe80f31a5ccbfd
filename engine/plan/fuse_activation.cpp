// What computes a number also gives it to the activation that comes next, while it is at hand.
#include "engine/kernels/finish.hpp"
#include "engine/plan/passes.hpp"

namespace layerctl::plan {
namespace {

/// Where a request keeps its activation; null if it has none of its own.
Activation* activation_of(Request& request) {
    if (auto* product = std::get_if<Product>(&request)) return &product->activation;
    if (auto* convolution = std::get_if<Convolution>(&request)) return &convolution->activation;
    if (auto* scale = std::get_if<Scale>(&request)) return &scale->activation;
    return nullptr;
}

}  // namespace

void fuse_activation(Operations& operations) {
    for (Operation& operation : operations.all) {
        if (!operation.request || !std::holds_alternative<Elementwise>(*operation.request)) continue;
        Operation* producer = operations.only_producer(operation);
        if (producer == nullptr || !producer->request) continue;
        Activation* place = activation_of(*producer->request);
        const Activation& activation = std::get<Elementwise>(*operation.request).activation;
        if (place == nullptr || place->id != Activation::Id::linear || !simd::curve_of(activation)) continue;
        *place = activation;
        operations.merge(*producer, operation);
    }
}

}  // namespace layerctl::plan
