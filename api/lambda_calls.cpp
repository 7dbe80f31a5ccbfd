#include "api/lambda_calls.hpp"

#include <set>

#include "models/redirect.hpp"

namespace layerctl {
namespace {

using dialects::FunctionCall;
using expressions::Trace;
using expressions::TracedOp;

Argument argument_of(const ops::Operand& operand, const std::vector<TensorRef>& tensors) {
    Argument argument;
    switch (operand.kind) {
        case ops::Operand::Kind::absent: break;
        case ops::Operand::Kind::constant: argument.constant = operand.constant; break;
        case ops::Operand::Kind::tensor:
            argument.kind = Argument::Kind::tensor;
            argument.tensor = tensors.at(operand.input);
            break;
        case ops::Operand::Kind::list:
            argument.kind = Argument::Kind::list;
            for (const ops::Operand& item : operand.items) argument.items.push_back(argument_of(item, tensors));
            break;
        case ops::Operand::Kind::dict: fail(Code::unsupported, "an operation of a dictionary");
    }
    return argument;
}

bool is_default(const ops::Parameter& parameter, const ops::Operand& operand) {
    if (parameter.ignored || operand.kind == ops::Operand::Kind::absent) return true;
    return !parameter.required && operand.kind == ops::Operand::Kind::constant &&
           operand.constant == parameter.fallback;
}

/// `shape` and `dtype` are those of its first tensor.
FunctionCall made_of(const TracedOp& step, const Shape& shape, DType dtype) {
    ops::Binding binding(step.op->signature, step.dialect);
    binding.bind({}, step.call);
    FunctionCall call{step.dialect, step.op->tf, step.op->keras3, {}, cat(dtype), shape.rank()};
    const std::vector<TensorRef> tensors = step.call.tensors();
    const std::vector<ops::Parameter>& parameters = binding.signature().parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const ops::Operand& operand = binding.operand(i);
        call.arguments.push_back(
            {parameters[i].names, argument_of(operand, tensors), is_default(parameters[i], operand)});
    }
    return call;
}

/// Without the steps that no result needs.
void prune(Trace& trace) {
    std::vector<bool> needed(trace.steps.size(), false);
    const auto need = [&](const TensorRef& reference) {
        if (reference.layer > 0) needed[reference.layer - 1] = true;
    };
    for (const TensorRef& result : trace.results) need(result);
    for (std::size_t i = trace.steps.size(); i-- > 0;)
        if (needed[i])
            for (const TensorRef& reference : trace.steps[i].call.tensors()) need(reference);
    std::vector<std::size_t> place = {0};
    std::vector<TracedOp> kept;
    const auto moved = [&](const TensorRef& reference) {
        return TensorRef{place[reference.layer], 0, reference.tensor};
    };
    for (std::size_t i = 0; i < trace.steps.size(); ++i) {
        place.push_back(kept.size() + 1);
        if (!needed[i]) continue;
        redirect(trace.steps[i].call, moved);
        kept.push_back(std::move(trace.steps[i]));
    }
    for (TensorRef& result : trace.results) result = moved(result);
    trace.steps = std::move(kept);
}

/// A result that is an input, or one that is there twice, needs a layer of its own.
void give_results_layers(Trace& trace, const OutputSpec& inputs) {
    const ops::Op* identity = ops::find_tf_op("identity");
    if (identity == nullptr) fail(Code::internal, "the ops table lacks 'identity'");
    std::set<std::pair<std::size_t, std::size_t>> taken;
    for (TensorRef& result : trace.results) {
        if (result.layer > 0 && taken.emplace(result.layer, result.tensor).second) continue;
        const OutputSpec& source = result.layer > 0 ? trace.steps[result.layer - 1].outputs : inputs;
        TracedOp step{identity, Dialect::keras2, {}, {{source.shapes[result.tensor]}, {source.dtypes[result.tensor]}}};
        Argument argument;
        argument.kind = Argument::Kind::tensor;
        argument.tensor = result;
        step.call.args.push_back(std::move(argument));
        trace.steps.push_back(std::move(step));
        result = {trace.steps.size(), 0, 0};
    }
}

}  // namespace

Trace LambdaCalls::trace(std::size_t call) const {
    const std::size_t calls = layer_.spec->calls.size();
    const OutputSpec inputs = inputs_of(layer_.calls.at(call));
    for (std::size_t other = call + calls; other < layer_.calls.size(); other += calls) {
        const OutputSpec more = inputs_of(layer_.calls[other]);
        if (more.shapes != inputs.shapes || more.dtypes != inputs.dtypes)
            fail(Code::unsupported, "its model is called with tensors of different shapes");
    }
    Trace trace = traceable(layer_.calls[call]).trace(inputs.shapes, inputs.dtypes);
    check_results(trace, inputs, layer_.calls[call]);
    prune(trace);
    give_results_layers(trace, inputs);
    return trace;
}

FunctionCall LambdaCalls::function_call(const Trace& trace, const TracedOp& step, std::size_t call) const {
    const std::vector<TensorRef> tensors = step.call.tensors();
    if (tensors.empty()) fail(Code::unsupported, "an operation without tensors is not recorded");
    const TensorRef& first = tensors.front();
    if (first.layer > 0) {
        const OutputSpec& source = trace.steps[first.layer - 1].outputs;
        return made_of(step, source.shapes[first.tensor], source.dtypes[first.tensor]);
    }
    const Edge& edge = graph_.edges[layer_.calls[call].inputs[first.tensor]];
    return made_of(step, edge.shape.value(), edge.dtype);
}

OutputSpec LambdaCalls::inputs_of(const CallEdges& call) const {
    OutputSpec inputs;
    for (const EdgeId id : call.inputs) {
        const Edge& edge = graph_.edges.at(id);
        if (edge.ragged) fail(Code::unsupported, "its input has rows of unequal length");
        if (is_floating(edge.dtype) && edge.dtype != layer_.policy.compute)
            fail(Code::unsupported, "it casts its input of ", edge.dtype, ", which operations do not");
        inputs.shapes.push_back(edge.shape.value());
        inputs.dtypes.push_back(edge.dtype);
    }
    return inputs;
}

const expressions::Traceable& LambdaCalls::traceable(const CallEdges& call) const {
    for (const Node& node : graph_.nodes) {
        if (node.layer != index_ || node.outputs != call.outputs) continue;
        if (const auto* found = dynamic_cast<const expressions::Traceable*>(node.object.get())) return *found;
    }
    fail(Code::internal, "a Lambda layer without its call");
}

void LambdaCalls::check_results(const Trace& trace, const OutputSpec& inputs, const CallEdges& call) const {
    if (trace.results.size() != call.outputs.size())
        fail(Code::internal, "wanted ", call.outputs.size(), " results, found ", trace.results.size());
    for (std::size_t i = 0; i < trace.results.size(); ++i) {
        const TensorRef& result = trace.results[i];
        const OutputSpec& source = result.layer == 0 ? inputs : trace.steps[result.layer - 1].outputs;
        if (source.dtypes[result.tensor] != graph_.edges[call.outputs[i]].dtype)
            fail(Code::unsupported, "it casts its result, which operations do not");
    }
}

}  // namespace layerctl
