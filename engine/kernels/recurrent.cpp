#include "engine/kernels/recurrent.hpp"

#include <algorithm>

#include "engine/kernels/shared_product.hpp"
#include "models/error.hpp"

namespace layerctl {
namespace {

using Cell = Recurrence::Cell;

/// In units of one state: h twice, what else the cell keeps, what goes from one stage to the next.
constexpr std::size_t buffers = 4;

std::size_t gates_of(Cell cell) { return cell == Cell::simple ? 1 : cell == Cell::gru ? 3 : 4; }

}  // namespace

std::optional<Recurrent> Recurrent::of(const Recurrence& request, const Shape& in, const PackedWeights& weights) {
    const std::optional<simd::Curve> activation = simd::curve_of(request.activation);
    const std::optional<simd::Curve> gate = simd::curve_of(request.recurrent_activation);
    if (!activation || !gate) return {};
    return Recurrent(request, in, *activation, *gate, weights);
}

/// A GRU that resets before the product needs the product of its first two gates before that of the third.
Recurrent::Recurrent(const Recurrence& request, const Shape& in, simd::Curve activation, simd::Curve gate,
                     const PackedWeights& weights)
    : cell_(request.cell),
      batch_(static_cast<std::size_t>(in[0])),
      time_(static_cast<std::size_t>(in[1])),
      units_(static_cast<std::size_t>(request.recurrent_kernel.shape()[0])),
      backwards_(request.go_backwards),
      sequences_(request.return_sequences),
      returns_states_(request.return_state),
      keeps_states_(request.keeps_state),
      zero_output_(request.zero_output_for_mask),
      activation_(activation),
      gate_(gate) {
    const std::size_t gates = gates_of(cell_), in_first = cell_ == Cell::gru && !request.reset_after ? 2 : gates;
    add_stage(request, 0, in_first, weights);
    if (in_first < gates) add_stage(request, in_first, gates - in_first, weights);
    const auto features = static_cast<std::size_t>(in[2]);
    kernel_ = in_precision(weights, "kernel", batch_ * time_, [&] {
        const std::vector<float> bias = request.bias.has_value()
                                            ? interleaved(request.bias.values<float>().first(gates * units_), 1)
                                            : std::vector<float>();
        return simd::pack(interleaved(request.kernel.values<float>(), features), features, columns_, bias);
    });
}

void Recurrent::add_stage(const Recurrence& request, std::size_t first_gate, std::size_t gates,
                          const PackedWeights& weights) {
    const std::size_t first = first_gate * units_, n = gates * units_;
    const simd::Panels kernel = in_precision(weights, cat("recurrent_kernel/", first_gate), batch_, [&] {
        return simd::recurrent_panels(columns_of(request.recurrent_kernel.values<float>(), units_, first, n), gates,
                                      units_);
    });
    Stage stage{gates, columns_, kernel, {}};
    if (request.bias.has_value() && request.bias.shape().rank() == 2)
        stage.bias = simd::interleave_gates(request.bias.values<float>().last(n), 1, gates, units_);
    columns_ += simd::gate_columns(gates, units_);
    stages_.push_back(std::move(stage));
}

/// The columns of a matrix in the order of the stages.
std::vector<float> Recurrent::interleaved(std::span<const float> matrix, std::size_t rows) const {
    std::vector<float> out(rows * columns_);
    std::size_t first = 0;
    for (const Stage& stage : stages_) {
        const std::size_t n = stage.gates * units_, width = simd::gate_columns(stage.gates, units_);
        const std::vector<float> part =
            simd::interleave_gates(columns_of(matrix, rows, first, n), rows, stage.gates, units_);
        for (std::size_t row = 0; row < rows; ++row)
            std::copy_n(part.data() + row * width, width, out.data() + row * columns_ + stage.column);
        first += n;
    }
    return out;
}

std::size_t Recurrent::macs() const { return batch_ * time_ * units_ * units_ * gates_of(cell_); }

std::size_t Recurrent::scratch() const { return batch_ * (time_ * columns_ + buffers * units_); }

/// Of a masked sequence, from the first step that counts to the last.
void Recurrent::project(const Run& run, Workers& workers) const {
    if (run.mask == nullptr) return shared_product(run.x, batch_ * time_, kernel_, {}, run.scratch, workers);
    for (std::size_t row = 0; row < batch_ * time_; row += time_) {
        const std::span<const bool> mask(run.mask + row, time_);
        const auto first = static_cast<std::size_t>(std::find(mask.begin(), mask.end(), true) - mask.begin());
        if (first == time_) continue;
        const auto behind = static_cast<std::size_t>(std::find(mask.rbegin(), mask.rend(), true) - mask.rbegin());
        shared_product(run.x + (row + first) * kernel_.k, time_ - behind - first, kernel_, {},
                       run.scratch + (row + first) * columns_, workers);
    }
}

float* Recurrent::buffer(const Run& run, std::size_t i) const {
    return run.scratch + batch_ * (time_ * columns_ + i * units_);
}

void Recurrent::go_through(const Run& run, Entries entries) const {
    const std::size_t first = entries.begin * units_, n = (entries.end - entries.begin) * units_;
    for (std::size_t i = 0; i < states(); ++i) {  // h, c
        float* state = buffer(run, 2 * i) + first;
        if (run.initial != nullptr) std::copy_n(run.initial[i] + first, n, state);
        else std::fill_n(state, n, 0.0f);
    }
    const Place h = run.mask == nullptr ? all_steps(run, entries) : seen_steps(run, entries);
    if (run.states == nullptr) return;
    copy(entries, h, {run.states[0], units_});
    if (cell_ == Cell::lstm) copy(entries, {buffer(run, 2), units_}, {run.states[1], units_});
}

/// Returns where the last h is.
Recurrent::Place Recurrent::all_steps(const Run& run, Entries entries) const {
    Place before{buffer(run, 0), units_};
    for (std::size_t i = 0; i < time_; ++i) {
        const Place after = place(run, i);
        step(run, entries, time(i), before, after);
        before = after;
    }
    if (!sequences_) copy(entries, before, output(run, 0));
    return before;
}

/// The same under a mask; h is not the output then.
Recurrent::Place Recurrent::seen_steps(const Run& run, Entries entries) const {
    Place before{buffer(run, 0), units_}, after{buffer(run, 1), units_};
    for (std::size_t i = 0; i < time_; ++i, std::swap(before, after)) {
        const bool* seen = run.mask + time(i);
        for (Entries part{entries.begin, entries.begin}; part.begin < entries.end; part.begin = part.end) {
            const bool is_seen = seen[part.begin * time_];
            while (part.end < entries.end && seen[part.end * time_] == is_seen) ++part.end;
            if (is_seen) step(run, part, time(i), before, after);
            else copy(part, before, after);
            show(run, part, i, is_seen, after);
        }
    }
    return before;
}

/// The outputs of iteration i.
void Recurrent::show(const Run& run, Entries entries, std::size_t i, bool is_seen, Place h) const {
    const Place to = output(run, i);
    if (is_seen) return copy(entries, h, to);
    if (!zero_output_ && i > 0) {
        if (sequences_) copy(entries, output(run, i - 1), to);
        return;
    }
    for (std::size_t row = entries.begin; row < entries.end; ++row) std::fill_n(to.at + row * to.stride, units_, 0.0F);
}

/// Of iteration i, in the sequence if there is one.
Recurrent::Place Recurrent::output(const Run& run, std::size_t i) const {
    if (!sequences_) return {run.y, run.y_stride};
    return {run.y + (run.turned ? time_ - 1 - i : i) * run.y_stride, time_ * run.y_stride};
}

/// Where h of iteration i lies: where the output does, or in one of two buffers.
Recurrent::Place Recurrent::place(const Run& run, std::size_t i) const {
    return sequences_ ? output(run, i) : Place{buffer(run, i % 2 == 0 ? 1 : 0), units_};
}

void Recurrent::step(const Run& run, Entries entries, std::size_t t, Place before, Place after) const {
    const std::size_t first = entries.begin;
    Place from = before;
    for (const Stage& stage : stages_) {
        const bool is_last = &stage == &stages_.back();
        const Place to = is_last ? after : Place{buffer(run, 3), units_};
        simd::recurrent_step({.gates = stage.gates,
                              .units = units_,
                              .rows = entries.end - first,
                              .projected = run.scratch + (first * time_ + t) * columns_ + stage.column,
                              .projected_stride = static_cast<std::ptrdiff_t>(time_ * columns_),
                              .recurrent = &stage.kernel,
                              .recurrent_bias = stage.bias.empty() ? nullptr : stage.bias.data(),
                              .h = from.at + first * from.stride,
                              .h_stride = static_cast<std::ptrdiff_t>(from.stride),
                              .before = is_last && stages_.size() > 1 ? before.at + first * before.stride : nullptr,
                              .before_stride = static_cast<std::ptrdiff_t>(before.stride),
                              .next = to.at + first * to.stride,
                              .next_stride = static_cast<std::ptrdiff_t>(to.stride),
                              .kept = buffer(run, 2) + first * units_,
                              .activation = activation_,
                              .recurrent_activation = gate_});
        from = to;
    }
}

void Recurrent::copy(Entries entries, Place from, Place to) const {
    for (std::size_t row = entries.begin; row < entries.end; ++row)
        std::copy_n(from.at + row * from.stride, units_, to.at + row * to.stride);
}

}  // namespace layerctl
