// Weights in place: bound tensors by name, and the copies a run reads when it computes in another dtype.
#include "engine/graph/graph.hpp"

namespace layerctl {
namespace {

/// Weights as a run sees them: floats rounded to the compute dtype, if that is one, and carried in what `call` reads;
/// others as they are.
Tensor run_tensor(const Tensor& weight, DType compute) {
    if (!is_floating(weight.dtype()) || !is_floating(compute)) return weight;
    return weight.cast(compute).cast(carrier(compute));
}

std::uint64_t mix(std::uint64_t seed, std::uint64_t stream) {  // splitmix64
    std::uint64_t z = seed + (stream + 1) * 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/// Weights of any size begin empty.
Shape first_shape(Shape shape) {
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        if (shape[axis] == Shape::unknown) shape[axis] = 0;
    return shape;
}

}  // namespace

void set_layer_weights(GraphLayer& layer, Tensors weights) {
    layer.weights = {};
    layer.run_weights = {};
    for (std::size_t i = 0; i < layer.declared.size(); ++i) {
        if (!weights[i].has_value())
            fail(Code::internal, "layer '", layer.path, "': weight '", layer.declared[i].name, "' is left unbound");
        layer.run_weights.add(layer.declared[i].name, run_tensor(weights[i], layer.policy.compute));
        layer.weights.add(layer.declared[i].name, std::move(weights[i]));
    }
}

void initialize_weights(Graph& graph, std::uint64_t seed) {
    std::uint64_t stream = 0;
    for (GraphLayer& layer : graph.layers) {
        if (layer.same_as) continue;
        Tensors weights;
        in_context(layer_frame(layer), [&] {
            for (const WeightSpec& weight : layer.declared)
                weights.push_back(initialize(weight.initializer, weight.dtype.value_or(layer.policy.variable),
                                             first_shape(weight.shape), mix(seed, stream++)));
        });
        set_layer_weights(layer, std::move(weights));
    }
    share_weights(graph);
}

}  // namespace layerctl
