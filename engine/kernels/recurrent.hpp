// A recurrent layer with its weights packed, for a sequence of one shape: one makes a kernel, or two in opposite
// directions.
#pragma once

#include "engine/kernels/packed_weights.hpp"
#include "engine/kernels/simd/simd.hpp"
#include "engine/kernels/workers.hpp"
#include "engine/lowering.hpp"

namespace layerctl {

class Recurrent {
public:
    /// What one run reads and writes. Sequences are rows of one batch entry after the other.
    struct Run {
        const float* x = nullptr;
        const float* const* initial = nullptr;  // states; null: zeros
        float* y = nullptr;                     // the sequence, or the last outputs
        std::size_t y_stride = 0;               // from one row to the next
        bool turned = false;                    // the last step comes first in the sequence
        float* const* states = nullptr;         // the last ones; null: they are not wanted
        const bool* mask = nullptr;             // (batch, time); null: every step counts
        float* scratch = nullptr;
    };

    /// Of the batch.
    struct Entries {
        std::size_t begin, end;
    };

    /// Nothing if there is no vector code for its activations.
    static std::optional<Recurrent> of(const Recurrence& request, const Shape& in, const PackedWeights& weights);

    std::size_t batch() const { return batch_; }
    std::size_t units() const { return units_; }
    std::size_t rows() const { return sequences_ ? batch_ * time_ : batch_; }
    std::size_t states() const { return cell_ == Recurrence::Cell::lstm ? 2 : 1; }
    bool returns_states() const { return returns_states_; }
    bool keeps_states() const { return keeps_states_; }

    /// Multiply-accumulates of all steps, without projections.
    std::size_t macs() const;

    std::size_t scratch() const;

    /// The inputs of all steps.
    void project(const Run& run, Workers& workers) const;

    /// All steps for some entries, once the inputs are projected.
    void go_through(const Run& run, Entries entries) const;

private:
    /// Gates that are computed together, and where they are in what was projected.
    struct Stage {
        std::size_t gates = 0;
        std::size_t column = 0;
        simd::Panels kernel;
        std::vector<float> bias;
    };

    /// Rows of units, one per batch entry.
    struct Place {
        float* at = nullptr;
        std::size_t stride = 0;
    };

    Recurrent(const Recurrence& request, const Shape& in, simd::Curve activation, simd::Curve gate,
              const PackedWeights& weights);
    void add_stage(const Recurrence& request, std::size_t first_gate, std::size_t gates, const PackedWeights& weights);
    std::vector<float> interleaved(std::span<const float> matrix, std::size_t rows) const;
    Place output(const Run& run, std::size_t i) const;
    Place place(const Run& run, std::size_t i) const;
    Place all_steps(const Run& run, Entries entries) const;
    Place seen_steps(const Run& run, Entries entries) const;
    void show(const Run& run, Entries entries, std::size_t i, bool is_seen, Place h) const;
    std::size_t time(std::size_t i) const { return backwards_ ? time_ - 1 - i : i; }
    float* buffer(const Run& run, std::size_t i) const;
    void step(const Run& run, Entries entries, std::size_t t, Place before, Place after) const;
    void copy(Entries entries, Place from, Place to) const;

    Recurrence::Cell cell_;
    std::size_t batch_, time_, units_;
    bool backwards_, sequences_, returns_states_, keeps_states_, zero_output_;
    simd::Curve activation_, gate_;
    std::vector<Stage> stages_;
    std::size_t columns_ = 0;
    simd::Panels kernel_;
};

}  // namespace layerctl
