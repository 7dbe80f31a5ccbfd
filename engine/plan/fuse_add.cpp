// What computes a number also adds to it what comes along a shortcut (He et al. 2015), while it is at hand.
#include "engine/plan/passes.hpp"

namespace layerctl::plan {
namespace {

/// The geometry by which an output has the place of its own in another array.
ops::WindowAxes in_place(const ops::WindowAxes& axes) {
    ops::WindowAxes out;
    for (std::size_t i = 0; i < axes.size(); ++i) out[i] = {.in = axes[i].out, .out = axes[i].out};
    return out;
}

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
    std::vector<EdgeId> inputs = producer->inputs;
    inputs.push_back(other);
    operations.merge_into_later(*producer, sum, std::move(inputs));
    return true;
}

}  // namespace

void fuse_add(Operations& operations) {
    for (Operation& operation : operations.all) {
        const Combine* sum = operation.request ? std::get_if<Combine>(&*operation.request) : nullptr;
        if (sum == nullptr || sum->kind != Combine::Kind::add || sum->constant.has_value() ||
            operation.inputs.size() != 2)
            continue;
        if (!absorb(operations, operation, 1)) absorb(operations, operation, 0);
    }
}

}  // namespace layerctl::plan
