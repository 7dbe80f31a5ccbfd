// Keras 1: an array per gate, and kernels in the order of Theano where channels come first.
#include <algorithm>
#include <array>

#include "engine/layouts/parts.hpp"
#include "engine/ops/concatenate.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::layouts {
namespace {

/// How the axes of a kernel are to be ordered.
struct Turn {
    std::string_view class_name;
    bool channels_first;
    std::array<std::size_t, 5> axes;
};
constexpr Turn turns[] = {
    {"Conv2D", true, {2, 3, 1, 0}},           {"Conv3D", true, {2, 3, 4, 1, 0}},
    {"Conv2DTranspose", false, {0, 1, 3, 2}}, {"Conv2DTranspose", true, {2, 3, 0, 1}},
    {"ConvLSTM2D", true, {2, 3, 1, 0}},       {"SeparableConv2D", true, {2, 3, 1, 0}},
};

/// What arrays of one gate in the file become in the order of the layer.
constexpr std::array<std::size_t, 4> lstm_gates = {0, 2, 1, 3};  // i, c, f, o -> i, f, c, o
constexpr std::array<std::size_t, 3> gru_gates = {0, 1, 2};

StoredWeight transposed(const StoredWeight& stored, const ops::Permutation& axes) {
    if (stored.shape.rank() != axes.size()) return stored;
    std::vector<std::int64_t> dims;
    for (const std::size_t axis : axes) dims.push_back(stored.shape[axis]);
    return turned(stored, Shape(std::move(dims)), [axes](const Tensor& x) { return ops::transpose(x, axes); });
}

/// (length, 1, in, out), or (out, in, length, 1) before Keras 1.2, as (length, in, out).
StoredWeight conv1d_kernel(const StoredWeight& stored, const Shape& wanted) {
    if (stored.shape.rank() != 4 || wanted.rank() != 3) return stored;
    const bool newer = stored.shape[0] == wanted[0] && stored.shape[1] == 1 && stored.shape[3] == wanted[2];
    const StoredWeight kernel = newer ? stored : transposed(stored, {2, 3, 1, 0});
    const Shape shape = {kernel.shape[0] * kernel.shape[1], kernel.shape[2], kernel.shape[3]};
    return turned(kernel, shape, [shape](const Tensor& x) { return x.reshaped(shape); });
}

StoredWeight kernel(const Wanted& wanted, const StoredWeight& stored) {
    if (!last_component(wanted.spec->name).ends_with("kernel")) return stored;
    const Owner owner = owner_of(*wanted.layer);
    if (owner.class_name == "Conv1D") return conv1d_kernel(stored, wanted.spec->shape);
    for (const Turn& turn : turns)
        if (turn.class_name == owner.class_name && turn.channels_first == owner.channels_first)
            return transposed(stored, ops::Permutation(turn.axes.begin(),
                                                       turn.axes.begin() + (owner.class_name == "Conv3D" ? 5 : 4)));
    return stored;
}

/// One weight of the layer from the arrays of its gates, `first`, `first + 3`, …
StoredWeight joined(const Wanted& wanted, const std::vector<StoredWeight>& stored, std::size_t first,
                    std::span<const std::size_t> order) {
    std::vector<StoredWeight> parts;
    for (const std::size_t gate : order) parts.push_back(kernel(wanted, stored[first + 3 * gate]));
    Shape shape = parts.front().shape;
    shape = shape.with_back(shape.back() * static_cast<std::int64_t>(order.size()));
    return turned(parts.front(), shape, [parts](const Tensor& one) {
        Tensors gates = {one};
        for (std::size_t i = 1; i < parts.size(); ++i) {
            gates.push_back(parts[i].read());
            if (gates.back().shape() != one.shape())
                fail(Code::weights, "wanted shape ", one.shape(), ", found ", gates.back().shape());
        }
        return ops::concatenate(gates, one.shape().rank() - 1);
    });
}

bool is_apart(const std::vector<StoredWeight>& stored, std::size_t next, const Gates& gates) {
    return next + 3 * static_cast<std::size_t>(gates.count) <= stored.size() &&
           stored[next + 2].shape == Shape{gates.units};
}

}  // namespace

std::vector<StoredWeight> from_keras1(const std::vector<Wanted>& wanted, const std::vector<StoredWeight>& stored) {
    std::vector<StoredWeight> weights;
    std::size_t next = 0;
    for (std::size_t i = 0; i < wanted.size() && next < stored.size();) {
        const std::optional<Gates> gates = gates_at(wanted, i);
        if (gates && is_apart(stored, next, *gates)) {
            const std::span<const std::size_t> order =
                gates->count == 4 ? std::span<const std::size_t>(lstm_gates) : std::span<const std::size_t>(gru_gates);
            for (std::size_t part = 0; part < 3; ++part)
                weights.push_back(joined(wanted[i++], stored, next + part, order));
            next += 3 * order.size();
        } else {
            weights.push_back(kernel(wanted[i++], stored[next++]));
        }
    }
    weights.insert(weights.end(), stored.begin() + static_cast<std::ptrdiff_t>(next), stored.end());
    return weights;
}

}  // namespace layerctl::layouts
