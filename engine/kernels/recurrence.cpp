// Recurrent layers: the inputs of all steps are projected at once, then a step at a time over packed recurrent weights.
#include <algorithm>

#include "engine/kernels/kernel.hpp"
#include "engine/kernels/simd/simd.hpp"

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

    void run(const float* const* x, float* const* y, float* scratch) const override {
        project(x[0], scratch);
        float* h = scratch + batch_ * time_ * columns();
        float* c = h + 2 * batch_ * units_;
        std::fill_n(h, 3 * batch_ * units_, 0.0f);
        Place before{h, units_};
        for (std::size_t i = 0; i < time_; ++i) {
            const Place after = place(y[0], h, i);
            step(scratch, backwards_ ? time_ - 1 - i : i, before, after, c);
            before = after;
        }
        float* last = y[0];
        if (!sequences_) copy(before, last);
        if (!states_) return;
        copy(before, y[1]);
        if (gates_ == 4) std::copy_n(c, batch_ * units_, y[2]);
    }

private:
    /// Rows of units, one per batch entry.
    struct Place {
        float* at = nullptr;
        std::size_t stride = 0;
    };

    std::size_t columns() const { return simd::gate_columns(gates_, units_); }

    void project(const float* x, float* projected) const {
        constexpr std::ptrdiff_t whole_row[] = {0};
        simd::product({.x = x,
                       .x_stride = static_cast<std::ptrdiff_t>(kernel_.k),
                       .row_count = batch_ * time_,
                       .segments = whole_row,
                       .segment_length = kernel_.k,
                       .matrix = &kernel_,
                       .y = projected,
                       .y_stride = static_cast<std::ptrdiff_t>(columns()),
                       .curve = {}});
    }

    /// Of iteration i: in the sequence if there is one, else in one of two buffers.
    Place place(float* y, float* h, std::size_t i) const {
        if (sequences_) return {y + i * units_, time_ * units_};
        return {h + (i % 2 == 0 ? 1 : 0) * batch_ * units_, units_};
    }

    void step(const float* projected, std::size_t t, Place before, Place after, float* c) const {
        simd::recurrent_step({.gates = gates_,
                              .units = units_,
                              .rows = batch_,
                              .projected = projected + t * columns(),
                              .projected_stride = static_cast<std::ptrdiff_t>(time_ * columns()),
                              .recurrent = recurrent_.values<float>().data(),
                              .recurrent_bias = recurrent_bias_.empty() ? nullptr : recurrent_bias_.data(),
                              .h = before.at,
                              .h_stride = static_cast<std::ptrdiff_t>(before.stride),
                              .next = after.at,
                              .next_stride = static_cast<std::ptrdiff_t>(after.stride),
                              .c = c,
                              .activation = activation_,
                              .recurrent_activation = gate_});
    }

    void copy(Place from, float* to) const {
        for (std::size_t row = 0; row < batch_; ++row)
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
