// Which requests treat the entries of a batch, along the first axis, each by itself.
#include <algorithm>

#include "engine/plan/split_batch.hpp"

namespace layerctl::plan {
namespace {

bool is_batch(const Shapes& shapes, std::int64_t batch) {
    return std::ranges::all_of(shapes, [=](const Shape& shape) { return shape.rank() > 1 && shape.front() == batch; });
}

bool looks_along_entries(const Activation& activation, std::size_t rank) {
    return activation.id != Activation::Id::softmax || std::ranges::count(activation.axes.resolve(rank), 0U) == 0;
}

struct Separates {
    const Shapes& in;
    const Shapes& out;

    std::int64_t batch() const { return in[0].front(); }
    std::int64_t entry() const { return in[0].elements() / batch(); }

    template <class Windowed>
    requires requires(Windowed windowed) { windowed.activation; }
    bool operator()(const Windowed& request) const { return looks_along_entries(request.activation, out[0].rank()); }
    bool operator()(const Separable&) const { return true; }
    bool operator()(const Pool&) const { return true; }
    bool operator()(const Reduce&) const { return true; }
    bool operator()(const Scale& request) const { return looks_along_entries(request.activation, out[0].rank()); }
    bool operator()(const Combine& request) const {
        const Tensor& constant = request.constant;
        return !constant.has_value() || constant.elements() == 1 || constant.shape().front() == 1;
    }
    bool operator()(const Join& request) const { return request.axis != 0; }
    bool operator()(const Pad& request) const { return request.before[0] == 0 && request.behind[0] == 0; }
    bool operator()(const Repeat& request) const { return request.times[0] == 1; }
    bool operator()(const Slope& request) const { return request.alpha.shape().rank() < in[0].rank(); }
    bool operator()(const Normalize& request) const {
        return entry() % static_cast<std::int64_t>(request.factor.elements()) == 0;
    }
    bool operator()(const Recurrence& request) const { return !request.keeps_state; }
    bool operator()(const Bidirection& request) const {
        return !request.forward.keeps_state && !request.backward.keeps_state;
    }
    bool operator()(const ConvRecurrence&) const { return true; }
    bool operator()(const DotProductAttention& request) const { return request.attended_axes + 1 < in[0].rank(); }
    bool operator()(const Gather& request) const { return !request.makes_mask; }
    bool operator()(const MaskRows&) const { return false; }
    bool operator()(const Strided& request) const {
        std::int64_t last = 0;
        for (std::size_t axis = 1; axis < request.shape.rank(); ++axis)
            last += (request.shape[axis] - 1) * request.strides[axis];
        return request.strides[0] == entry() && last < entry();
    }
    bool operator()(const Reshaped& request) const {
        const std::int64_t entries = request.in[0].front();
        return entries % batch() == 0 && is_batch(request.in, entries) && is_batch(request.out, entries) &&
               std::visit(Separates{request.in, request.out}, request.request->value);
    }
    bool operator()(const Pass&) const { return true; }
};

}  // namespace

bool has_separate_entries(const Graph& graph, const std::vector<Operation>& operations, const Shapes& shapes) {
    const std::int64_t batch = shapes[graph.inputs[0].edge].front();
    const auto is_input = [&](EdgeId edge) {
        return std::ranges::any_of(graph.inputs, [=](const Port& port) { return port.edge == edge; });
    };
    return std::ranges::all_of(operations, [&](const Operation& operation) {
        if (!operation.request) return false;
        const Shapes in = shapes_of(operation.inputs, shapes), out = shapes_of(operation.outputs, shapes);
        const bool asks_numbers = std::holds_alternative<Gather>(*operation.request);
        if (asks_numbers && !is_input(operation.inputs[0])) return false;  // they are looked at before a run
        return !in.empty() && is_batch(in, batch) && is_batch(out, batch) &&
               std::visit(Separates{in, out}, *operation.request);
    });
}

}  // namespace layerctl::plan
