#include "engine/plan/plan.hpp"

#include <algorithm>
#include <array>
#include <exception>

#include "engine/plan/masks.hpp"
#include "engine/plan/memory.hpp"
#include "engine/plan/passes.hpp"
#include "engine/plan/split_batch.hpp"

namespace layerctl {
namespace {

using plan::Operation;
using plan::Operations;
using plan::shapes_of;

struct NamedPass {
    std::string_view name;
    void (*run)(Operations&);
    bool is_exact;
};
constexpr std::string_view split_batch = "split_batch";
constexpr std::array passes = {
    NamedPass{"fuse_gates", plan::fuse_gates, true},
    NamedPass{"absorb_padding", plan::absorb_padding, true},
    NamedPass{"fold_scale", plan::fold_scale, false},
    NamedPass{"fold_gate", plan::fold_gate, false},
    NamedPass{"fuse_add", plan::fuse_add, true},
    NamedPass{"fuse_activation", plan::fuse_activation, true},
    NamedPass{plan::moving_strides, plan::move_strides, true},
    NamedPass{"fuse_depthwise", plan::fuse_depthwise, true},
};

bool is_left_out(std::string_view pass, const PlanOptions& options) {
    return std::find(options.without.begin(), options.without.end(), pass) != options.without.end();
}

DTypes dtypes_of(const Graph& graph, const std::vector<EdgeId>& edges) {
    DTypes out;
    for (const EdgeId edge : edges) out.push_back(graph.edges[edge].dtype);
    return out;
}

/// The weights of layers are made for the shapes that were announced. The batch size is free.
bool is_as_announced(const Edge& edge, const Shape& shape) {
    return edge.shape && edge.shape->rank() > 0 && edge.shape->with_front(Shape::unknown).is_compatible_with(shape);
}

/// Of a weight that counts what training has seen.
bool is_counter(DType dtype) { return dtype == DType::int64; }

/// Why a kernel must not compute that node, whatever it is; empty if it may.
std::string obstacle(const Graph& graph, const Node& node, const Lowers& lowers, const Shapes& shapes) {
    const GraphLayer& layer = graph.layers[node.layer];
    if (layer.policy.compute != DType::float32) return "its dtype policy";
    for (std::size_t i = 0; i < layer.run_weights.size(); ++i)
        if (const DType dtype = layer.run_weights.tensor(i).dtype(); dtype != DType::float32 && !is_counter(dtype))
            return "weights of another dtype than float32";
    for (const std::vector<EdgeId>* edges : {&node.inputs, &node.outputs})
        for (const EdgeId edge : *edges) {
            if (edge == no_edge) return "a missing argument";
            const DType dtype = graph.edges[edge].dtype;
            if (edges == &node.inputs ? !lowers.lowers_from(dtype) : dtype != DType::float32)
                return "another dtype than float32";
            if (graph.edges[edge].ragged) return "rows of unequal length";
            if (!shapes[edge].is_known()) return "a shape that hangs on numbers";
            if (!is_as_announced(graph.edges[edge], shapes[edge])) return "another shape than was announced";
        }
    return "";
}

Operation operation_of(const Graph& graph, std::size_t place, const Shapes& shapes) {
    const Node& node = graph.nodes[place];
    Operation operation{{place}, {}, "", node.inputs, node.outputs};
    const auto* lowers = dynamic_cast<const Lowers*>(node.object.get());
    operation.declined =
        lowers == nullptr ? "no request says what it computes" : obstacle(graph, node, *lowers, shapes);
    if (!operation.declined.empty()) return operation;
    operation.request = lowers->lower(shapes_of(node.inputs, shapes), graph.layers[node.layer].run_weights);
    if (!operation.request) operation.declined = "no request says what its config asks for";
    return operation;
}

Step step_of(const Graph& graph, const Operation& operation, const Shapes& shapes, const PlanOptions& options,
             PackedWeights::Store& weights) {
    Step step{.nodes = operation.nodes,
              .kernel = nullptr,
              .declined = operation.declined,
              .inputs = operation.inputs,
              .outputs = operation.outputs,
              .needs_kernel = operation.is_reshaped};
    if (!operation.request) return step;
    step.passes_on = std::holds_alternative<Pass>(*operation.request);
    step.states = graph.nodes[operation.nodes.front()].object->state_shapes(shapes_of(operation.inputs, shapes));
    plan::add_masks(graph, step);
    Candidate candidate =
        make_kernel(*operation.request, shapes_of(operation.inputs, shapes), dtypes_of(graph, operation.inputs),
                    shapes_of(operation.outputs, shapes), options.exact, {weights, operation.nodes, options.precision});
    step.kernel = std::move(candidate.kernel);
    step.declined = std::move(candidate.declined);
    return step;
}

/// Steps do not know of each other. What takes long is to pack their weights.
template <class Make>
void share_steps(const Graph& graph, Workers& workers, std::size_t steps, const Make& make) {
    constexpr std::int64_t few_weights = 1 << 19;
    constexpr std::size_t most_parts = 1 << 15;
    std::int64_t weights = 0;
    for (const GraphLayer& layer : graph.layers) weights += plan::weights_of(layer);
    if (steps > most_parts || weights < few_weights) {
        for (std::size_t i = 0; i < steps; ++i) make(i);
        return;
    }
    std::mutex mutex;
    std::exception_ptr error;
    workers.share(steps, [&](std::size_t i) {
        try {
            make(i);
        } catch (...) {
            const std::lock_guard lock(mutex);
            error = std::current_exception();
        }
    });
    if (error) std::rethrow_exception(error);
}

/// What is to be computed, once all passes went over it, and the shapes of all edges then.
struct Prepared {
    std::vector<Operation> operations;
    Shapes shapes;
};

Prepared prepare(const Graph& graph, Shapes shapes, const PlanOptions& options) {
    std::vector<Operation> all;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        all.push_back(options.reference ? Operation{{i}, {}, "", graph.nodes[i].inputs, graph.nodes[i].outputs}
                                        : operation_of(graph, i, shapes));
    Operations operations(graph, std::move(all), shapes);
    for (const NamedPass& pass : passes) {
        if (!is_left_out(pass.name, options) && (pass.is_exact || !options.exact)) pass.run(operations);
    }
    std::erase_if(operations.all, [](const Operation& operation) { return operation.nodes.empty(); });
    return {std::move(operations.all), std::move(shapes)};
}

Plan plan_of(const Graph& graph, const Shapes& shapes, Prepared prepared, const PlanOptions& options,
             PackedWeights::Store& weights, Workers& workers) {
    Plan plan;
    plan.shapes = std::move(prepared.shapes);
    const auto lacks_kernel = [](const Step& step) { return step.needs_kernel && step.kernel == nullptr; };
    plan.steps.resize(prepared.operations.size());
    share_steps(graph, workers, plan.steps.size(), [&](std::size_t i) {
        plan.steps[i] = step_of(graph, prepared.operations[i], plan.shapes, options, weights);
    });
    if (std::ranges::any_of(plan.steps, lacks_kernel)) {
        PlanOptions as_announced = options;
        as_announced.without.emplace_back(plan::moving_strides);
        return plan_of(graph, shapes, prepare(graph, shapes, as_announced), as_announced, weights, workers);
    }
    plan::place_edges(graph, plan);
    return plan;
}

/// The whole batch as one step, where that is possible and better.
std::optional<Plan> split_plan(const Graph& graph, const Shapes& shapes, const Prepared& prepared,
                               const PlanOptions& options, PackedWeights::Store& weights, Workers& workers) {
    if (graph.inputs.empty() || is_left_out(split_batch, options)) return {};
    if (const Shape& first = shapes[graph.inputs[0].edge]; first.rank() == 0 || first.front() < 2) return {};
    if (!plan::has_separate_entries(graph, prepared.operations, prepared.shapes)) return {};
    if (!plan::is_worth_splitting(graph, prepared.operations, shapes, workers.count())) return {};
    Shapes entry;
    for (const Port& port : graph.inputs) entry.push_back(shapes[port.edge].with_front(1));
    const Shapes of_entry = edge_shapes(graph, entry);
    const auto made = std::make_shared<const Plan>(
        plan_of(graph, of_entry, prepare(graph, of_entry, options), options, weights, workers));
    std::optional<Step> step = plan::entry_by_entry(graph, made, prepared.shapes, workers.count());
    if (!step) return {};
    Plan plan;
    plan.shapes = shapes;
    plan.steps.push_back(std::move(*step));
    plan::place_edges(graph, plan);
    return plan;
}

}  // namespace

const std::vector<std::string_view>& pass_names() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> all;
        for (const NamedPass& pass : passes) all.push_back(pass.name);
        all.push_back(split_batch);
        return all;
    }();
    return names;
}

Plan make_plan(const Graph& graph, const Shapes& inputs, const PlanOptions& options, PackedWeights::Store& weights,
               Workers& workers) {
    const Shapes shapes = edge_shapes(graph, inputs);
    Prepared prepared = prepare(graph, shapes, options);
    if (std::optional<Plan> plan = split_plan(graph, shapes, prepared, options, weights, workers))
        return std::move(*plan);
    return plan_of(graph, shapes, std::move(prepared), options, weights, workers);
}

const std::shared_ptr<Workers>& Plans::shared_workers(std::size_t count) {
    if (workers_ == nullptr || workers_->count() != count) workers_ = std::make_shared<Workers>(count);
    return workers_;
}

std::shared_ptr<Workers> Plans::workers(std::size_t count) {
    const std::lock_guard lock(mutex_);
    return shared_workers(count);
}

std::shared_ptr<const Plan> Plans::of(const Shapes& inputs, std::size_t threads) {
    const std::lock_guard lock(mutex_);
    const auto is_asked_for = [&](const auto& entry) { return entry.first == inputs; };
    const auto found = std::find_if(plans_.begin(), plans_.end(), is_asked_for);
    if (found != plans_.end()) {
        std::rotate(found, found + 1, plans_.end());
        return plans_.back().second;
    }
    if (plans_.size() == kept) plans_.erase(plans_.begin());
    Workers& workers = *shared_workers(threads);
    plans_.emplace_back(inputs, std::make_shared<Plan>(make_plan(*graph_, inputs, options_, weights_, workers)));
    return plans_.back().second;
}

}  // namespace layerctl
