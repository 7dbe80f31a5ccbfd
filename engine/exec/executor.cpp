#include "engine/exec/executor.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "engine/composite.hpp"
#include "engine/graph/ragged_rows.hpp"
#include "engine/keeps_mask.hpp"
#include "engine/ops/threads.hpp"

namespace layerctl {
namespace {

/// Keras lets a batch size declared by the input layer pass unchecked, and so do we.
bool accepts(const Shape& declared, const Shape& given) {
    return declared.rank() == 0 ? given.rank() == 0 : declared.with_front(Shape::unknown).is_compatible_with(given);
}

/// Whether a layer of that rule may be computed by a kernel where an input of that shape has that mask.
bool suits(const MaskRule& rule, const Tensor& mask, const Shape& input) {
    if (rule.inputs != MaskRule::Inputs::heeded) return rule.inputs == MaskRule::Inputs::ignored;
    return input.rank() >= 2 && mask.shape().rank() == 2 && mask.shape()[0] == input[0] && mask.shape()[1] == input[1];
}

Shapes shapes_of(const Tensors& tensors) {
    Shapes shapes;
    for (const Tensor& tensor : tensors) shapes.push_back(tensor.shape());
    return shapes;
}

Tensor to_carrier(const Tensor& tensor, DType wanted) {
    if (tensor.dtype() == DType::string) return tensor;
    return tensor.cast(wanted).cast(carrier(wanted));
}

}  // namespace

Executor::Executor(std::shared_ptr<Plans> plans)
    : plans_(std::move(plans)),
      graph_(plans_->graph()),
      edges_(graph_->edges.size()),
      in_arena_(graph_->edges.size()),
      mask_at_(graph_->edges.size()),
      masks_(graph_->edges.size()),
      explicit_masks_(graph_->edges.size()) {
    for (const Node& node : graph_->nodes)
        if (node.object == nullptr) fail(Code::unsupported, layer_frame(graph_->layers[node.layer]), ": cannot run");
}

Flow Executor::run(const Flow& inputs, RunObserver* observer) {
    take(inputs);
    compute(observer);
    Flow outputs;
    for (const Port& port : graph_->outputs) {
        take_from_arena(port.edge);
        outputs.tensors.push_back(edges_[port.edge]);
        outputs.masks.push_back(mask_at_[port.edge] == nullptr ? Tensor() : *mask_at_[port.edge]);
    }
    edges_.assign(edges_.size(), Tensor());
    mask_at_.assign(mask_at_.size(), nullptr);
    is_bound_ = false;
    return outputs;
}

std::shared_ptr<const Plan> Executor::plan(const Shapes& inputs) const {
    return plans_->of(inputs, static_cast<std::size_t>(ops::threads()));
}

const Tensors& Executor::run_bound() {
    if (!is_bound_) fail(Code::usage, "run without inputs: bind some first");
    if (calls_.empty() || !run_calls()) compute(nullptr);
    outputs_.resize(graph_->outputs.size());
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        const EdgeId edge = graph_->outputs[i].edge;
        if (!in_arena_[edge]) outputs_[i] = edges_[edge];
        else {
            if (!outputs_[i].has_value() || outputs_[i].shape() != plan_->shapes[edge])
                outputs_[i] = Tensor::uninitialized(DType::float32, plan_->shapes[edge]);
            std::memcpy(outputs_[i].mutable_data(), place(edge), outputs_[i].byte_size());
        }
    }
    return outputs_;
}

void Executor::bind(const Tensors& inputs) {
    take({inputs, {}});
    prepare_calls();
}

/// Where kernels compute all of it, a run needs to ask nothing: where everything lies is known now.
void Executor::prepare_calls() {
    calls_.clear();
    call_inputs_.clear();
    call_outputs_.clear();
    const auto is_kernel = [](const Step& step) {
        return (step.kernel != nullptr || step.is_alias) && !step.brings_masks && step.states.empty();
    };
    if (!graph_->row_lengths.empty() || !std::all_of(plan_->steps.begin(), plan_->steps.end(), is_kernel)) return;
    call_workers();
    for (const Node& node : graph_->nodes)
        for (const EdgeId edge : node.outputs) forget(edge);
    for (const Step& step : plan_->steps) {
        for (const EdgeId edge : step.outputs) in_arena_[edge] = 1;
        if (step.is_alias) continue;
        calls_.push_back({step.kernel.get(), call_inputs_.size(), call_outputs_.size()});
        for (const EdgeId edge : step.inputs) call_inputs_.push_back(values(edge));
        call_inputs_.insert(call_inputs_.end(), step.inputs.size(), nullptr);
        for (const EdgeId edge : step.outputs) call_outputs_.push_back(place(edge));
    }
}

/// False if a kernel does not take its inputs; then nothing is known any more of where things will lie.
bool Executor::run_calls() {
    for (const Call& call : calls_) {
        const float* const* x = call_inputs_.data() + call.x;
        if (!call.kernel->takes(x)) {
            calls_.clear();
            return false;
        }
        call.kernel->run(x, call_outputs_.data() + call.y, arena_.get() + plan_->arena, *workers_);
    }
    return true;
}

void Executor::take(const Flow& inputs) {
    is_bound_ = false;
    if (inputs.tensors.size() != graph_->inputs.size())
        fail(Code::input, "wanted ", graph_->inputs.size(), " inputs, found ", inputs.tensors.size());
    edges_.assign(edges_.size(), Tensor());
    mask_at_.assign(mask_at_.size(), nullptr);
    Shapes shapes;
    for (std::size_t i = 0; i < inputs.tensors.size(); ++i) {
        Tensor input = checked_input(i, inputs.tensors[i]);
        shapes.push_back(input.shape());
        edges_[graph_->inputs[i].edge] = std::move(input);
        if (i < inputs.masks.size()) set_mask(graph_->inputs[i].edge, inputs.masks[i]);
    }
    adopt_plan(shapes);
    is_bound_ = true;
}

/// As many as are wanted now; none for a plan without kernels.
void Executor::call_workers() {
    const auto wanted = static_cast<std::size_t>(ops::threads());
    const bool needs_some = std::any_of(plan_->steps.begin(), plan_->steps.end(),
                                        [](const Step& step) { return step.kernel != nullptr; });
    if (needs_some && (workers_ == nullptr || workers_->count() != wanted)) workers_ = plans_->workers(wanted);
}

void Executor::compute(RunObserver* observer) {
    call_workers();
    for (const Node& node : graph_->nodes)  // what the last run of these inputs left, also where it failed
        for (const EdgeId edge : node.outputs) forget(edge);
    has_masks_ = std::any_of(mask_at_.begin(), mask_at_.end(), [](const Tensor* mask) { return mask != nullptr; });
    mask_ragged_rows();
    changing_ = states_;
    for (const Step& step : plan_->steps) {
        if (observer != nullptr) observer->begin(step.nodes.front());
        run_step(step);
        if (observer != nullptr) observer->end(step.nodes.front());
        for (const EdgeId edge : step.last_reads) forget(edge);
    }
    states_ = std::move(changing_);
}

void Executor::run_step(const Step& step) {
    if (step.is_alias && in_arena_[step.inputs[0]] && hand_on_masks(step)) {
        in_arena_[step.outputs[0]] = 1;
        return;
    }
    if (step.kernel != nullptr && suits_kernel(step) && hand_on_masks(step) && run_kernel(step)) return;
    if (step.needs_kernel)
        fail(Code::shape, "an earlier layer returned another shape than it announced, after '", plan::moving_strides,
             "' left out what nobody reads; leave that pass out");
    for (const std::size_t node : step.nodes) {
        try {
            run_node(graph_->nodes[node]);
        } catch (Error& error) {
            error.push_context(layer_frame(graph_->layers[graph_->nodes[node].layer]));
            throw;
        }
    }
}

/// The shapes that layers really return show only in a run.
bool Executor::suits_kernel(const Step& step) const {
    return std::all_of(step.inputs.begin(), step.inputs.end(),
                       [this](EdgeId edge) { return in_arena_[edge] || edges_[edge].shape() == plan_->shapes[edge]; });
}

/// False if these numbers are not for the kernel.
bool Executor::run_kernel(const Step& step) {
    kernel_inputs_.clear();
    kernel_outputs_.clear();
    for (const EdgeId edge : step.inputs) kernel_inputs_.push_back(values(edge));
    for (const EdgeId edge : step.outputs) kernel_outputs_.push_back(place(edge));
    add_kept_states(step);
    add_masks(step);
    if (!step.kernel->takes(kernel_inputs_.data())) return false;
    step.kernel->run(kernel_inputs_.data(), kernel_outputs_.data(), arena_.get() + plan_->arena, *workers_);
    for (const EdgeId edge : step.outputs) in_arena_[edge] = 1;
    return true;
}

void Executor::add_kept_states(const Step& step) {
    if (step.states.empty()) return;
    const Node& node = graph_->nodes[step.nodes.front()];
    Tensors& state = *in_context(layer_frame(graph_->layers[node.layer]), [&] { return &state_of(node, step.states); });
    for (const Tensor& tensor : state) kernel_inputs_.push_back(tensor.values<float>().data());
    for (Tensor& tensor : state) kernel_outputs_.push_back(tensor.mutable_values<float>().data());
}

/// What the kernel of a step is told of masks.
void Executor::add_masks(const Step& step) {
    const Node& node = graph_->nodes[step.nodes.front()];
    const bool heeds = has_masks_ && step.masks.front().rule.inputs == MaskRule::Inputs::heeded && !node.masks_pass_by;
    for (std::size_t k = 0; k < step.inputs.size(); ++k) {
        const Tensor* mask = heeds ? mask_of(node, k) : nullptr;
        kernel_inputs_.push_back(mask == nullptr ? nullptr : reinterpret_cast<const float*>(mask->data()));
    }
    if (step.masks.front().rule.outputs == MaskRule::Outputs::made)
        kernel_outputs_.push_back(reinterpret_cast<float*>(made_mask(node.outputs[0]).mutable_data()));
}

/// Of the edge's dtype, which is that of the kernel.
const float* Executor::values(EdgeId edge) const {
    return in_arena_[edge] ? arena_.get() + plan_->offset[edge] : reinterpret_cast<const float*>(edges_[edge].data());
}

/// Layers own what they read and return.
void Executor::take_from_arena(EdgeId edge) {
    if (!in_arena_[edge] || edges_[edge].has_value()) return;
    const Shape& shape = plan_->shapes[edge];
    edges_[edge] = Tensor::from(shape, std::span<const float>(place(edge), static_cast<std::size_t>(shape.elements())));
}

void Executor::set_mask(EdgeId edge, Tensor mask) {
    masks_[edge] = std::move(mask);
    mask_at_[edge] = masks_[edge].has_value() ? &masks_[edge] : nullptr;
    has_masks_ = has_masks_ || mask_at_[edge] != nullptr;
}

/// Room for the mask that a kernel makes along all axes of its output but the last; that of an earlier run, if it fits.
Tensor& Executor::made_mask(EdgeId edge) {
    const Shape& shape = plan_->shapes[edge];
    Tensor& mask = masks_[edge];
    const Shape& own = mask.shape();
    const bool fits = mask.has_value() && std::equal(own.begin(), own.end(), shape.begin(), shape.end() - 1);
    if (!fits) mask = Tensor::uninitialized(DType::boolean, shape.slice(0, shape.rank() - 1));
    return mask;
}

/// The mask under which a node sees an input; null if there is none.
const Tensor* Executor::mask_of(const Node& node, std::size_t input) {
    if (input >= node.masks.size() || node.masks[input] == no_edge) {
        const EdgeId read = node.inputs[input];
        const bool is_seen = read != no_edge && keeps_mask(*node.object, input, graph_->edges[read].dtype);
        return is_seen ? mask_at_[read] : nullptr;
    }
    const EdgeId edge = node.masks[input];
    take_from_arena(edge);
    explicit_masks_[edge] = edges_[edge].cast(DType::boolean);
    return &explicit_masks_[edge];
}

/// Gives the outputs of a step their masks. False if a kernel must not compute it under those of its inputs.
bool Executor::hand_on_masks(const Step& step) {
    if (!has_masks_ && !step.brings_masks) return true;
    for (std::size_t i = 0; i < step.nodes.size(); ++i)
        if (!hand_on_masks(graph_->nodes[step.nodes[i]], step.masks[i])) return false;
    // layers share what they pass on, and the masks on it
    return !step.passes_on || step.is_alias || mask_at_[step.outputs[0]] == nullptr;
}

bool Executor::hand_on_masks(const Node& node, const NodeMasks& masks) {
    bool is_masked = false;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
        const Tensor* mask = mask_of(node, k);
        is_masked = is_masked || mask != nullptr;
        if (mask != nullptr && !suits(masks.rule, *mask, plan_->shapes[node.inputs[k]])) return false;
    }
    if (is_masked && node.object->takes_masks_off()) return false;
    has_masks_ = has_masks_ || is_masked;
    if (masks.rule.outputs == MaskRule::Outputs::made) {
        mask_at_[node.outputs[0]] = &made_mask(node.outputs[0]);
        has_masks_ = true;
    } else if (masks.rule.outputs == MaskRule::Outputs::computed && is_masked) {
        Masks computed = node.object->compute_mask({}, masks_of(node));
        computed.resize(node.outputs.size());
        for (std::size_t k = 0; k < computed.size(); ++k) set_mask(node.outputs[k], std::move(computed[k]));
    } else {
        for (std::size_t k = 0; k < node.outputs.size(); ++k) {
            const bool has_one = is_masked && masks.given[k] < node.inputs.size();
            mask_at_[node.outputs[k]] = has_one ? mask_of(node, masks.given[k]) : nullptr;
        }
    }
    return true;
}

void Executor::forget(EdgeId edge) {
    in_arena_[edge] = 0;
    if (edges_[edge].has_value()) edges_[edge] = {};
    mask_at_[edge] = nullptr;
}

Tensor Executor::checked_input(std::size_t i, const Tensor& given) const {
    const Port& port = graph_->inputs[i];
    const Edge& edge = graph_->edges[port.edge];
    if (!given.has_value()) fail(Code::input, "input '", port.name, "': no tensor given");
    if (!accepts(*edge.shape, given.shape()))
        fail(Code::input, "input '", port.name, "': wanted shape ", *edge.shape, ", found ", given.shape());
    return in_context("input '" + port.name + "'", [&] { return given.cast(edge.dtype); });
}

void Executor::mask_ragged_rows() {
    for (const RowLengths& rows : graph_->row_lengths)
        in_context("row lengths",
                   [&] { set_mask(rows.values, mask_of_rows(edges_[rows.lengths], edges_[rows.values].shape())); });
}

void Executor::adopt_plan(const Shapes& inputs) {
    if (inputs == input_shapes_ && plan_ != nullptr) return;
    plan_ = plan(inputs);
    input_shapes_ = inputs;
    constexpr std::align_val_t alignment{Tensor::alignment};
    const std::size_t bytes = (plan_->arena + plan_->scratch) * sizeof(float);
    arena_ = {static_cast<float*>(::operator new[](bytes, alignment)),
              [=](float* memory) { ::operator delete[](memory, alignment); }};
}

std::map<std::size_t, Shapes> Executor::declared_states() const {
    Shapes edges;
    for (const Edge& edge : graph_->edges) edges.push_back(edge.shape.value_or(Shape()));
    return state_shapes(*graph_, edges);
}

States Executor::states() const {
    States states;
    for (const auto& [layer, shapes] : declared_states()) {
        Tensors& own = states[layer];
        if (const auto kept = states_.find(layer); kept != states_.end() && !kept->second.empty()) own = kept->second;
        else if (std::all_of(shapes.begin(), shapes.end(), [](const Shape& shape) { return shape.is_known(); }))
            for (const Shape& shape : shapes) own.emplace_back(carrier(graph_->layers[layer].policy.compute), shape);
    }
    return states;
}

void Executor::set_states(const States& states) {
    const std::map<std::size_t, Shapes> declared = declared_states();
    States taken;
    for (const auto& entry : states) {
        const std::size_t layer = entry.first;
        const Tensors& given = entry.second;
        const GraphLayer& owner = graph_->layers[layer];
        in_context(layer_frame(owner), [&] {
            const auto wanted = declared.find(layer);
            if (wanted == declared.end()) fail(Code::input, "keeps no state");
            if (given.size() != wanted->second.size())
                fail(Code::input, "wanted ", wanted->second.size(), " states, found ", given.size());
            for (std::size_t i = 0; i < given.size(); ++i) {
                if (!wanted->second[i].is_compatible_with(given[i].shape()))
                    fail(Code::input, "state ", i, ": wanted shape ", wanted->second[i], ", found ", given[i].shape());
                taken[layer].push_back(to_carrier(given[i], owner.policy.compute));
            }
        });
    }
    states_ = std::move(taken);
}

Tensors Executor::gather(const Node& node) const {
    Tensors x;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
        if (node.inputs[k] == no_edge) x.emplace_back();
        else
            x.push_back(
                to_carrier(edges_[node.inputs[k]], node.object->input_dtype(k, graph_->edges[node.inputs[k]].dtype)));
    }
    return x;
}

/// Weights hold for shapes like those the layer was built on, which some layers announce and do not return.
void Executor::check_built(const Node& node, const Tensors& x) const {
    const WeightSpecs& declared = graph_->layers[node.layer].declared;
    if (declared.empty()) return;
    bool as_announced = true;
    Shapes shapes;
    for (std::size_t k = 0; k < x.size(); ++k) {
        shapes.push_back(x[k].has_value() ? x[k].shape() : Shape());
        if (x[k].has_value()) as_announced = as_announced && accepts(*graph_->edges[node.inputs[k]].shape, shapes[k]);
    }
    if (as_announced) return;
    const WeightSpecs wanted = node.object->weights(shapes);
    const auto same = [](const WeightSpec& a, const WeightSpec& b) { return a.shape == b.shape; };
    if (!std::equal(declared.begin(), declared.end(), wanted.begin(), wanted.end(), same))
        fail(Code::shape, "was built for inputs of another shape than ", shapes, ", as an earlier layer announced it");
}

/// What the layer kept, or zeros of the right shapes; those of a layer called several times follow each other.
Tensors& Executor::state_of(const Node& node, const Shapes& wanted) {
    Tensors& state = changing_[owner_of(*graph_, node.layer)];
    if (wanted.empty()) return state;
    const DType dtype = carrier(node.object->context().compute_dtype);
    if (state.empty())
        for (const Shape& shape : wanted) state.emplace_back(dtype, shape);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (state[i].shape() != wanted[i])
            fail(Code::input, "keeps a state of shape ", state[i].shape(), ", this input wants ", wanted[i],
                 ": reset the states first");
    return state;
}

/// Shapes that hang on the numbers of an earlier tensor (a reshape to a computed size) show only now. Those that a
/// layer still leaves unknown, as they hang on numbers of `x` itself, are its own business: it finds an empty tensor.
Tensors Executor::outputs(const Node& node, const Tensors& x) const {
    Shapes shapes;
    for (const EdgeId edge : node.outputs) shapes.push_back(plan_->shapes[edge]);
    const auto is_known = [](const Shape& shape) { return shape.is_known(); };
    if (!std::all_of(shapes.begin(), shapes.end(), is_known)) {
        Shapes in;
        for (const Tensor& tensor : x) in.push_back(tensor.has_value() ? tensor.shape() : Shape());
        shapes = node.object->compute_output_shape(in);
        if (shapes.size() != node.outputs.size())
            fail(Code::unsupported, "wanted ", node.outputs.size(), " outputs, found ", shapes.size());
    }
    Tensors y;
    for (std::size_t k = 0; k < shapes.size(); ++k) {
        if (shapes[k].is_known())
            y.push_back(Tensor::uninitialized(carrier(graph_->edges[node.outputs[k]].dtype), shapes[k]));
        else y.emplace_back();
    }
    return y;
}

/// Keras hangs a mask on the tensor object, which layers that return their input unchanged share.
void Executor::take_mask_off(EdgeId edge) {
    const auto is_same = [this](EdgeId a, EdgeId b) {
        if (in_arena_[a] || in_arena_[b])
            return in_arena_[a] && in_arena_[b] && place(a) == place(b) && plan_->shapes[a] == plan_->shapes[b];
        return edges_[a].data() == edges_[b].data() && edges_[a].shape() == edges_[b].shape();
    };
    for (EdgeId other = 0; other < edges_.size(); ++other)
        if (is_same(edge, other)) mask_at_[other] = nullptr;
}

Masks Executor::masks_of(const Node& node) {
    Masks masks(node.inputs.size());
    for (std::size_t k = 0; k < masks.size(); ++k)
        if (const Tensor* mask = mask_of(node, k)) masks[k] = *mask;
    return masks;
}

void Executor::run_node(const Node& node) {
    for (const std::vector<EdgeId>* edges : {&node.inputs, &node.masks})
        for (const EdgeId edge : *edges)
            if (edge != no_edge) take_from_arena(edge);
    const Tensors x = gather(node);
    check_built(node, x);
    Tensors y = outputs(node, x);
    const Weights& weights = graph_->layers[node.layer].run_weights;
    const Masks in = masks_of(node);
    Masks masks = call_and_mask(*node.object, x, node.masks_pass_by ? Masks() : in, weights,
                                state_of(node, node.object->state_shapes(shapes_of(x))), y);
    if (node.masks_pass_by) masks = node.object->compute_mask(x, in);
    if (node.object->takes_masks_off())
        for (const EdgeId edge : node.inputs)
            if (edge != no_edge) take_mask_off(edge);
    for (std::size_t k = 0; k < node.outputs.size(); ++k) {
        if (!y[k].has_value()) fail(Code::internal, "output ", k, " was not computed");
        const DType dtype = graph_->edges[node.outputs[k]].dtype;
        edges_[node.outputs[k]] = y[k].dtype() == DType::string ? y[k] : y[k].cast(dtype);
        if (graph_->edges[node.outputs[k]].ragged) set_mask(node.outputs[k], in.front());
        else set_mask(node.outputs[k], k < masks.size() ? std::move(masks[k]) : Tensor());
    }
}

}  // namespace layerctl
