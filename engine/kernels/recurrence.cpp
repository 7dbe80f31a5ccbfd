// Recurrent layers: the inputs of all steps are projected at once, then a step at a time over packed recurrent weights.
#include <algorithm>

#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"

namespace layerctl {
namespace {

using Cell = Recurrence::Cell;

std::size_t gates_of(Cell cell) { return cell == Cell::simple ? 1 : cell == Cell::gru ? 3 : 4; }

class RecurrenceKernel final : public Kernel {
public:
    RecurrenceKernel(const Recurrence& request, const Shape& in, simd::Curve activation, simd::Curve gate)
        : batch_(static_cast<std::size_t>(in[0])),
          time_(static_cast<std::size_t>(in[1])),
          units_(static_cast<std::size_t>(request.recurrent_kernel.shape()[0])),
          gates_(gates_of(request.cell)),
          backwards_(request.go_backwards),
          sequences_(request.return_sequences),
          states_(request.return_state),
          activation_(activation),
          gate_(gate) {
        const auto features = static_cast<std::size_t>(in[2]);
        std::span<const float> bias;
        if (request.bias.has_value()) bias = request.bias.values<float>();
        const std::size_t width = gates_ * units_;
        const std::vector<float> projected_bias =
            bias.empty() ? std::vector<float>() : simd::interleave_gates(bias.first(width), 1, gates_, units_);
        kernel_ = simd::pack(simd::interleave_gates(request.kernel.values<float>(), features, gates_, units_), features,
                             columns(), projected_bias);
        recurrent_ = simd::recurrent_panels(request.recurrent_kernel.values<float>(), gates_, units_);
        if (bias.size() > width) recurrent_bias_ = simd::interleave_gates(bias.subspan(width), 1, gates_, units_);
    }

    const char* name() const override { return "recurrence"; }

    /// What was projected, h twice, c.
    std::size_t scratch() const override { return batch_ * (time_ * columns() + 3 * units_); }

    void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const override {
        shared_product(x[0], batch_ * time_, kernel_, {}, scratch, workers);
        float* h = scratch + batch_ * time_ * columns();
        std::fill_n(h, 3 * batch_ * units_, 0.0f);
        const std::size_t parts = std::min(batch_, parts_for(batch_ * time_ * units_ * units_ * gates_, workers));
        workers.share(parts, [&](std::size_t i) {
            go_through({batch_ * i / parts, batch_ * (i + 1) / parts}, scratch, h, y);
        });
    }

private:
    /// Rows of units, one per batch entry.
    struct Place {
        float* at = nullptr;
        std::size_t stride = 0;
    };

    /// Of the batch.
    struct Entries {
        std::size_t begin, end;
    };

    /// All steps for some entries of the batch.
    void go_through(Entries entries, const float* projected, float* h, float* const* y) const {
        float* c = h + 2 * batch_ * units_;
        Place before{h, units_};
        for (std::size_t i = 0; i < time_; ++i) {
            const Place after = place(y[0], h, i);
            step(entries, projected, backwards_ ? time_ - 1 - i : i, before, after, c);
            before = after;
        }
        if (!sequences_) copy(entries, before, y[0]);
        if (!states_) return;
        copy(entries, before, y[1]);
        if (gates_ == 4) copy(entries, {c, units_}, y[2]);
    }

    std::size_t columns() const { return simd::gate_columns(gates_, units_); }

    /// Of iteration i: in the sequence if there is one, else in one of two buffers.
    Place place(float* y, float* h, std::size_t i) const {
        if (sequences_) return {y + i * units_, time_ * units_};
        return {h + (i % 2 == 0 ? 1 : 0) * batch_ * units_, units_};
    }

    void step(Entries entries, const float* projected, std::size_t t, Place before, Place after, float* c) const {
        const std::size_t first = entries.begin;
        simd::recurrent_step({.gates = gates_,
                              .units = units_,
                              .rows = entries.end - first,
                              .projected = projected + (first * time_ + t) * columns(),
                              .projected_stride = static_cast<std::ptrdiff_t>(time_ * columns()),
                              .recurrent = recurrent_.values<float>().data(),
                              .recurrent_bias = recurrent_bias_.empty() ? nullptr : recurrent_bias_.data(),
                              .h = before.at + first * before.stride,
                              .h_stride = static_cast<std::ptrdiff_t>(before.stride),
                              .next = after.at + first * after.stride,
                              .next_stride = static_cast<std::ptrdiff_t>(after.stride),
                              .c = c + first * units_,
                              .activation = activation_,
                              .recurrent_activation = gate_});
    }

    void copy(Entries entries, Place from, float* to) const {
        for (std::size_t row = entries.begin; row < entries.end; ++row)
            std::copy_n(from.at + row * from.stride, units_, to + row * units_);
    }

    std::size_t batch_, time_, units_, gates_;
    bool backwards_, sequences_, states_;
    simd::Curve activation_, gate_;
    simd::Panels kernel_;
    Tensor recurrent_;
    std::vector<float> recurrent_bias_;
};

}  // namespace

Candidate make_kernel(const Recurrence& request, const Shape& in) {
    if (request.cell == Cell::gru && !request.reset_after) return Candidate::no("a GRU that resets before the product");
    const std::optional<simd::Curve> activation = simd::curve_of(request.activation);
    const std::optional<simd::Curve> gate = simd::curve_of(request.recurrent_activation);
    if (!activation || !gate) return Candidate::no("its activation");
    return {std::make_unique<RecurrenceKernel>(request, in, *activation, *gate), ""};
}

}  // namespace layerctl
