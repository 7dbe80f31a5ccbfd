// What computes a number also adds to it what comes along a shortcut (He et al. 2015), while it is at hand.
#include "engine/plan/passes.hpp"

namespace layerctl::plan {
namespace {

bool add(Product& to, const Activation& activation) {
    if (to.adds || to.activation.id != Activation::Id::linear) return false;
    to.adds = true;
    to.activation = activation;
    return true;
}

bool add(Convolution& to, const Activation& activation) {
    if (to.adds || to.activation.id != Activation::Id::linear || to.shape.groups != 1) return false;
    to.adds = in_place(to.shape.axes);
    to.activation = activation;
    return true;
}

bool add(Request& to, const Activation& activation) {
    if (auto* product = std::get_if<Product>(&to)) return add(*product, activation);
    if (auto* convolution = std::get_if<Convolution>(&to)) return add(*convolution, activation);
    return false;
}

/// Whether the summand of that place is computed where they are added, from then on.
bool absorb(Operations& operations, Operation& sum, std::size_t place) {
    const EdgeId summand = sum.inputs[place], other = sum.inputs[1 - place];
    Operation* producer = summand == other ? nullptr : operations.producer_for_one(summand);
    if (producer == nullptr || !producer->request) return false;
    const Shapes& shapes = operations.shapes;
    if (shapes[summand] != shapes[sum.outputs[0]] || shapes[other] != shapes[summand]) return false;
    Request request = *producer->request;
    if (!add(request, std::get<Combine>(*sum.request).activation)) return false;
    sum.request = std::move(request);
    operations.merge_into_later(*producer, sum);
    return true;
}

}  // namespace

void fuse_add(Operations& operations) {
    for (Operation& operation : operations.all) {
        const Combine* sum = operation.asks_for<Combine>();
        if (sum == nullptr || sum->kind != Combine::Kind::add || sum->constant.has_value() ||
            operation.inputs.size() != 2)
            continue;
        if (!absorb(operations, operation, 1)) absorb(operations, operation, 0);
    }
}

}  // namespace layerctl::plan
