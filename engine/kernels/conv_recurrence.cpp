// Convolutional LSTM: per step a convolution of the input, one of the state, and the gates.
#include <algorithm>

#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"

namespace layerctl {
namespace {

constexpr std::size_t gates = 4;

std::size_t filters_of(const ConvRecurrence& request) {
    return static_cast<std::size_t>(request.recurrent.shape.channels);
}

/// A kernel for the convolution with the gates of a vector of filters side by side.
Candidate convolution(Convolution request, std::size_t filters, bool exact, const PackedWeights& weights) {
    const auto columns = static_cast<std::int64_t>(simd::gate_columns(gates, filters));
    const auto interleave = [&](Tensor& weights) {
        const std::size_t rows = weights.elements() / (gates * filters);
        const Shape shape = weights.shape().with_back(columns);
        weights = Tensor::from(shape, simd::interleave_gates(weights.values<float>(), rows, gates, filters));
    };
    interleave(request.kernel);
    if (request.bias.has_value()) interleave(request.bias);
    request.shape.filters = columns;
    return make_convolution(request, request.kernel.shape(), exact, weights);
}

class ConvRecurrenceKernel final : public Kernel {
public:
    struct Convolutions {
        std::unique_ptr<const Kernel> input, recurrent;
    };

    ConvRecurrenceKernel(const ConvRecurrence& request, const Shape& in, Convolutions convolutions,
                         simd::Curve activation, simd::Curve gate, bool has_initial)
        : batch_(static_cast<std::size_t>(in[0])),
          time_(static_cast<std::size_t>(in[1])),
          image_(static_cast<std::size_t>(in.elements(2, in.rank()))),
          pixels_(static_cast<std::size_t>(ops::output_positions(request.recurrent.shape.axes))),
          filters_(filters_of(request)),
          backwards_(request.go_backwards),
          sequences_(request.return_sequences),
          states_(request.return_state),
          has_initial_(has_initial),
          activation_(activation),
          gate_(gate),
          convolutions_(std::move(convolutions)) {}

    const char* name() const override { return "convolutional recurrence"; }

    /// What both convolutions make, h twice, c, and what a convolution needs.
    std::size_t scratch() const override {
        return 2 * sums() + 3 * outputs() +
               std::max(convolutions_.input->scratch(), convolutions_.recurrent->scratch());
    }

    void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const override {
        for (std::size_t entry = 0; entry < batch_; ++entry) go_through(entry, x, y, scratch, workers);
    }

private:
    std::size_t columns() const { return simd::gate_columns(gates, filters_); }
    std::size_t sums() const { return pixels_ * columns(); }
    std::size_t outputs() const { return pixels_ * filters_; }

    /// All steps of one entry of the batch.
    void go_through(std::size_t entry, const float* const* x, float* const* y, float* scratch, Workers& workers) const {
        float* c = scratch + 2 * sums();
        float* h[] = {c + outputs(), c + 2 * outputs()};
        for (std::size_t i = 0; i < 2; ++i) {
            float* state = i == 0 ? h[0] : c;
            if (has_initial_) std::copy_n(x[1 + i] + entry * outputs(), outputs(), state);
            else std::fill_n(state, outputs(), 0.0f);
        }
        const float* before = h[0];
        for (std::size_t i = 0; i < time_; ++i) {
            float* after = sequences_ ? y[0] + (entry * time_ + i) * outputs() : h[(i + 1) % 2];
            const std::size_t t = backwards_ ? time_ - 1 - i : i;
            step(x[0] + (entry * time_ + t) * image_, before, after, c, scratch, workers);
            before = after;
        }
        if (!sequences_) std::copy_n(before, outputs(), y[0] + entry * outputs());
        if (!states_) return;
        std::copy_n(before, outputs(), y[1] + entry * outputs());
        std::copy_n(c, outputs(), y[2] + entry * outputs());
    }

    void step(const float* image, const float* before, float* after, float* c, float* scratch, Workers& workers) const {
        float *projected = scratch, *recurrent = scratch + sums(), *rest = c + 3 * outputs();
        convolutions_.input->run(&image, &projected, rest, workers);
        convolutions_.recurrent->run(&before, &recurrent, rest, workers);
        constexpr std::size_t macs_per_unit = 64;  // about as long as its gates take
        share_range(pixels_, outputs() * macs_per_unit, workers, [&](std::size_t first, std::size_t end) {
            simd::lstm_gates({.gates = gates,
                              .units = filters_,
                              .rows = end - first,
                              .projected = projected + first * columns(),
                              .projected_stride = static_cast<std::ptrdiff_t>(columns()),
                              .next = after + first * filters_,
                              .next_stride = static_cast<std::ptrdiff_t>(filters_),
                              .kept = c + first * filters_,
                              .activation = activation_,
                              .recurrent_activation = gate_},
                             recurrent + first * columns());
        });
    }

    std::size_t batch_, time_, image_, pixels_, filters_;
    bool backwards_, sequences_, states_, has_initial_;
    simd::Curve activation_, gate_;
    Convolutions convolutions_;
};

/// Vectors of one or two filters are mostly empty.
bool wastes_memory(const ConvRecurrence& request) {
    constexpr double always_allowed = 1 << 22;
    const std::size_t filters = filters_of(request), columns = simd::gate_columns(gates, filters);
    const auto pixels = static_cast<double>(ops::output_positions(request.recurrent.shape.axes));
    return columns > 4 * gates * filters && pixels * static_cast<double>(columns) > always_allowed;
}

}  // namespace

Candidate make_kernel(const ConvRecurrence& request, const Shapes& in, bool exact, const PackedWeights& weights) {
    const std::optional<simd::Curve> activation = simd::curve_of(request.activation);
    const std::optional<simd::Curve> gate = simd::curve_of(request.recurrent_activation);
    if (!activation || !gate) return Candidate::no("its activation");
    if (wastes_memory(request)) return Candidate::no("few filters for large images");
    Candidate input = convolution(request.input, filters_of(request), exact, weights.part("input"));
    Candidate recurrent = convolution(request.recurrent, filters_of(request), exact, weights.part("recurrent"));
    for (const Candidate* candidate : {&input, &recurrent})
        if (candidate->kernel == nullptr) return Candidate::no(candidate->declined);
    return {
        std::make_unique<ConvRecurrenceKernel>(
            request, in[0], ConvRecurrenceKernel::Convolutions{std::move(input.kernel), std::move(recurrent.kernel)},
            *activation, *gate, in.size() > 1),
        ""};
}

}  // namespace layerctl
