// Any cell along time, as ONNX' Scan: a graph that is run once for every step.
#include <algorithm>

#include "api/onnx/recurrent/recurrence.hpp"
#include "api/onnx/steps.hpp"

namespace layerctl::onnx {
namespace {

/// Zeros of (batch, …) for a sequence of this batch size.
Name zeros(const Recurrence& r, const Shape& of_one_sample) {
    if (!of_one_sample.is_known()) fail(Code::unsupported, "states of unknown size are not written as ONNX");
    const Name batch = sizes_of(r.b, r.x, {r.time_major ? 1 : 0});
    const Name shape = concat(r.b, {batch, r.b.ints(of_one_sample.dims())}, 0);
    return r.b.add("Expand", {r.b.number(r.dtype, 0), shape});
}

/// The graph of one step. Its inputs: the states, the last output, the step's input, the step's mask if there is one;
/// its outputs: the states, the output, and the output once more, which Scan collects.
class StepGraph {
public:
    StepGraph(const Recurrence& r, const StepCell& cell) : r_(r), cell_(cell), b_(r.b) {
        for (const Shape& state : cell.states) states_.push_back(input(r.dtype, state));
        last_ = input(r.dtype, cell.output);
        const Shape step = r.step_shape();
        x_ = input(r.dtype, step.slice(1, step.rank()));
        if (!r.mask.empty()) mask_ = input(DType::boolean, {});
    }

    GraphProto make() {
        graph_.name = b_.scope() + "/step";
        graph_.nodes = b_.apart([&] {
            Names next = states_;
            Name out = cell_.step(x_, next);
            if (!mask_.empty()) {
                for (std::size_t i = 0; i < next.size(); ++i)
                    next[i] = unless_masked(next[i], states_[i], cell_.states[i]);
                const Name otherwise = r_.zero_output_for_mask ? b_.number(r_.dtype, 0) : last_;
                out = unless_masked(out, otherwise, cell_.output);
            }
            for (std::size_t i = 0; i < next.size(); ++i) output(next[i], cell_.states[i]);
            output(out, cell_.output);
            if (r_.return_sequences) output(out, cell_.output);
        });
        return std::move(graph_);
    }

private:
    Name input(DType dtype, const Shape& of_one_sample) {
        const Name name = b_.fresh(b_.scope() + "/step:in");
        graph_.inputs.push_back(described(name, dtype, of_one_sample.prepended(Shape::unknown)));
        return name;
    }

    void output(const Name& value, const Shape& of_one_sample) {
        const Shape shape = of_one_sample.prepended(Shape::unknown);
        graph_.outputs.push_back(described(b_.add("Identity", {value}), r_.dtype, shape));
    }

    Name unless_masked(const Name& value, const Name& otherwise, const Shape& of_one_sample) {
        return b_.add("Where", {unsqueeze(b_, mask_, counted(1, 1 + of_one_sample.rank())), value, otherwise});
    }

    const Recurrence& r_;
    const StepCell& cell_;
    Builder& b_;
    GraphProto graph_;
    Names states_;
    Name last_, x_, mask_;
};

}  // namespace

Shape Recurrence::step_shape() const {
    std::vector<std::int64_t> dims = in.dims();
    dims.erase(dims.begin() + time_axis());
    return Shape(dims);
}

Names run_along_time(const Recurrence& r) {
    if (const std::optional<Names> made = as_one_node(r)) return *made;
    const StepCell cell = step_cell(r.b, r.cell_class, r.cell, r.w, r.step_shape(), r.dtype);
    Names inputs = r.initial;
    if (inputs.empty())
        for (const Shape& state : cell.states) inputs.push_back(zeros(r, state));
    inputs.push_back(zeros(r, cell.output));
    inputs.push_back(r.x);
    if (!r.mask.empty()) inputs.push_back(r.mask);
    const std::int64_t sequences = r.mask.empty() ? 1 : 2;
    Attributes attributes = {
        {"body", std::make_shared<const GraphProto>(StepGraph(r, cell).make())},
        {"num_scan_inputs", sequences},
        {"scan_input_axes", Ints(static_cast<std::size_t>(sequences), r.time_axis())},
        {"scan_input_directions", Ints(static_cast<std::size_t>(sequences), r.go_backwards ? 1 : 0)}};
    if (r.return_sequences) attributes.push_back({"scan_output_axes", Ints{r.time_axis()}});
    const std::size_t states = cell.states.size();
    Names made = r.b.add_many("Scan", inputs, states + 1 + (r.return_sequences ? 1 : 0), attributes);
    Names out = {made[states + (r.return_sequences ? 1 : 0)]};
    out.insert(out.end(), made.begin(), made.begin() + static_cast<std::ptrdiff_t>(states));
    return out;
}

}  // namespace layerctl::onnx
