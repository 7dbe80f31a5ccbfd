// (x · gate) · kernel = x · (gate · kernel) for single pixels: where an image has more of them than the kernel has
// columns, less is multiplied (squeeze and excitation, Hu et al. 2018).
#include <utility>

#include "engine/plan/passes.hpp"

namespace layerctl::plan {
namespace {

/// Which input of that product has one factor for every channel of an image.
std::optional<std::size_t> gate_of(const Operation& product, const Shapes& shapes) {
    const Shape& out = shapes[product.outputs[0]];
    for (const std::size_t place : {std::size_t{1}, std::size_t{0}}) {
        const Shape &gate = shapes[product.inputs[place]], &x = shapes[product.inputs[1 - place]];
        const bool is_gate = gate.rank() > 1 && gate.front() == out.front() && gate.back() == out.back() &&
                             gate.elements() == out.front() * out.back();
        if (x == out && is_gate) return place;
    }
    return {};
}

/// A product of two inputs, made for nothing but that convolution.
Operation* product_for(Operations& operations, const Operation& convolution) {
    Operation* producer = operations.producer_for_one(convolution.inputs[0]);
    const Combine* product = producer == nullptr ? nullptr : producer->asks_for<Combine>();
    if (product == nullptr || product->kind != Combine::Kind::multiply || product->constant.has_value()) return nullptr;
    return producer->inputs.size() == 2 && product->activation.id == Activation::Id::linear ? producer : nullptr;
}

}  // namespace

void fold_gate(Operations& operations) {
    for (Operation& operation : operations.all) {
        auto* convolution = operation.asks_for<Convolution>();
        if (convolution == nullptr || convolution->shape.groups != 1 || !reads_pixels(convolution->shape.axes))
            continue;
        if (convolution->shape.filters > ops::output_positions(convolution->shape.axes)) continue;
        Operation* product = product_for(operations, operation);
        const std::optional<std::size_t> gate =
            product == nullptr ? std::nullopt : gate_of(*product, operations.shapes);
        if (!gate) continue;
        convolution->gated = true;
        if (*gate == 0) std::swap(product->inputs[0], product->inputs[1]);
        operations.merge_into_later(*product, operation);
    }
}

}  // namespace layerctl::plan
