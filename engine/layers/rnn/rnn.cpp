#include "engine/layers/rnn/rnn.hpp"

#include <algorithm>
#include <cstring>

#include "engine/layers/rnn/steps.hpp"
#include "engine/ops/spatial.hpp"

namespace layerctl {

void Rnn::sequence_config(ConfigIo& io) {
    io.optional("return_sequences", return_sequences);
    io.optional("return_state", return_state);
    io.optional("go_backwards", go_backwards);
    io.optional("stateful", stateful);
    io.optional("time_major", time_major);
}

void Rnn::config(ConfigIo& io) {
    sequence_config(io);
    io.optional("unroll", unroll);
    io.optional("zero_output_for_mask", zero_output_for_mask);
    for (const char* key : {"input_dim", "input_length"}) io.ignored(key);
}

Shape Rnn::step_shape(const Shape& sequence) const {
    require(sequence.rank() >= 3, "input must have rank 3 or more, found shape ", sequence);
    std::vector<std::int64_t> dims = sequence.dims();
    dims.erase(dims.begin() + (time_major ? 0 : 1));
    return Shape(std::move(dims));
}

WeightSpecs Rnn::cell_weights(const Shape& step) const {
    WeightSpecs specs = cell().weights({step});
    for (WeightSpec& spec : specs) spec.name = "cell/" + spec.name;
    return specs;
}

WeightSpecs Rnn::weights(const Shapes& in) const { return cell_weights(step_shape(in[0])); }

Shapes Rnn::compute_output_shape(const Shapes& in) const {
    const Shape step = step_shape(in[0]);
    const Shapes states = cell().states_of(step);
    const Shapes given = initial(in);
    require(given.empty() || given.size() == states.size(), "wanted a sequence, or one with ", states.size(),
            " initial states, found shapes ", in);
    for (std::size_t i = 0; i < given.size(); ++i)
        require(states[i].is_compatible_with(given[i]), "initial state ", i, ": wanted shape ", states[i], ", found ",
                given[i]);
    std::vector<std::int64_t> out = cell().output_of(step).dims();
    if (return_sequences) out.insert(out.begin() + (time_major ? 0 : 1), in[0][time_major ? 0 : 1]);
    Shapes shapes = {Shape(std::move(out))};
    if (return_state) shapes.insert(shapes.end(), states.begin(), states.end());
    return shapes;
}

Masks Rnn::compute_mask(const Tensors&, const Masks& in) const {
    return {return_sequences && !in.empty() ? in.front() : Tensor()};
}

Shapes Rnn::state_shapes(const Shapes& in) const { return stateful ? cell().states_of(step_shape(in[0])) : Shapes{}; }

std::optional<std::int64_t> Rnn::macs(const Shapes& in) const {
    const std::optional<std::int64_t> of_step = cell().macs({step_shape(in[0])});
    if (!of_step) return {};
    return ops::times(*of_step, in[0][time_major ? 0 : 1]);
}

std::optional<Request> Rnn::lower(const Shapes& in, const Weights& w) const {
    if (time_major || constants() > 0 || in[0].rank() != 3 || (stateful && in.size() > 1)) return {};
    std::optional<Recurrence> recurrence = cell().recurrence(w.below("cell"));
    if (!recurrence) return {};
    recurrence->go_backwards = go_backwards;
    recurrence->return_sequences = return_sequences;
    recurrence->return_state = return_state;
    recurrence->keeps_state = stateful;
    recurrence->zero_output_for_mask = zero_output_for_mask;
    return recurrence;
}

// An unrolled loop has its own way with zeros.
MaskRule Rnn::mask_rule() const {
    return {zero_output_for_mask && unroll ? MaskRule::Inputs::refused : MaskRule::Inputs::heeded};
}

// A stateful layer of Keras 2 heeds initial states only while its own are zero; one of Keras 3 heeds them always.
Tensors Rnn::initial_states(const Tensors& x, const Tensors& kept) const {
    const Tensors given = initial(x);
    const auto is_zero = [](const Tensor& state) {
        return std::all_of(state.data(), state.data() + state.byte_size(),
                           [](std::byte b) { return b == std::byte{}; });
    };
    const bool kept_wins = context().dialect != Dialect::keras3 && !std::all_of(kept.begin(), kept.end(), is_zero);
    if (!given.empty() && !kept_wins) return given;
    if (!kept.empty()) return kept;
    Tensors zeros;
    for (const Shape& shape : cell().states_of(step_shape(x[0].shape()))) zeros.emplace_back(x[0].dtype(), shape);
    return zeros;
}

void Rnn::call(const Tensors& x, const Weights& w, Tensors& y) const { call_masked(x, {}, w, y); }

void Rnn::call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const {
    if (stateful) fail(Code::unsupported, "a stateful layer inside another layer");
    Tensors state;
    call_stateful(x, masks, w, state, y);
}

void Rnn::call_stateful(const Tensors& x, const Masks& masks, const Weights& w, Tensors& state, Tensors& y) const {
    const Tensor mask = masks.empty() ? Tensor() : masks.front();
    Tensors out = run(x, mask, w.below("cell"), initial_states(x, state));
    if (stateful) state.assign(out.begin() + 1, out.end());
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = std::move(out[i]);
}

/// The output and the last states.
Tensors Rnn::run(const Tensors& x, const Tensor& mask, const Weights& w, Tensors states) const {
    const rnn::Steps in(x[0], time_major, go_backwards);
    const rnn::StepMask steps_mask(mask, x[0].shape(), time_major);
    const Tensor projected = cell().project(in.rows(), w);
    const Shape output = cell().output_of(step_shape(x[0].shape()));
    Tensor last(x[0].dtype(), output);
    Tensor sequence = return_sequences ? in.sequence_of(output, x[0].dtype()) : Tensor();
    const Tensor zeros(x[0].dtype(), output);
    const bool zero = zero_output_for_mask && heeds_zero_output();
    // An unrolled loop puts the zeros into the finished sequence, where Keras does not turn the mask around with it.
    const auto shown = [&](Tensor out, std::int64_t t) {
        if (steps_mask.hides_any(t)) steps_mask.restore(t, zeros, out);
        return out;
    };
    for (std::int64_t i = 0; i < in.count(); ++i) {
        const std::int64_t t = in.time(i);
        Tensors next = states;
        Tensor out = cell().step(in.step_of(projected, t), w, next);
        if (steps_mask.hides_any(t)) {
            for (std::size_t k = 0; k < next.size(); ++k) steps_mask.restore(t, states[k], next[k]);
            steps_mask.restore(t, zero && !unroll ? zeros : last, out);
        }
        states = std::move(next);
        last = std::move(out);
        if (return_sequences) in.store(zero && unroll ? shown(last, i) : last, i, sequence);
    }
    if (zero && unroll && in.count() > 0) last = shown(last, in.time(in.count() - 1));
    Tensors out = {return_sequences ? in.finished(sequence) : last};
    std::move(states.begin(), states.end(), std::back_inserter(out));
    return out;
}

}  // namespace layerctl
