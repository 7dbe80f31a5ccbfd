// A sequence as the time loop sees it: time outermost, one block of rows per step.
#pragma once

#include "models/tensor.hpp"

namespace layerctl::rnn {

/// Swaps the first two axes: (batch, time, …) and (time, batch, …).
Tensor swap_batch_and_time(const Tensor& x);

/// The steps of a sequence from the last to the first.
Tensor reversed_in_time(const Tensor& sequence, bool time_major);

class Steps {
public:
    Steps(const Tensor& sequence, bool time_major, bool backwards);

    std::int64_t count() const { return steps_.shape()[0]; }

    /// The time of iteration i.
    std::int64_t time(std::int64_t i) const { return backwards_ ? count() - 1 - i : i; }

    /// All steps one after the other: (time · batch, …).
    Tensor rows() const;

    /// The rows of step t of something with as many rows as `rows()`.
    Tensor step_of(const Tensor& rows, std::int64_t t) const;

    /// Room for an output of that shape at every step; where iteration i puts its own; the sequence as the layer
    /// returns it.
    Tensor sequence_of(const Shape& output, DType dtype) const;
    void store(const Tensor& output, std::int64_t i, Tensor& sequence) const;
    Tensor finished(const Tensor& sequence) const;

private:
    Tensor steps_;
    bool time_major_;
    bool backwards_;
};

/// Which batch entries count at which step; all without a mask.
class StepMask {
public:
    /// `mask` is shaped like the first two axes of the sequence, or has no value.
    StepMask(const Tensor& mask, const Shape& sequence, bool time_major);

    bool hides_any(std::int64_t t) const;

    /// Gives the entries hidden at step t what they were before.
    void restore(std::int64_t t, const Tensor& before, Tensor& now) const;

private:
    std::span<const bool> at(std::int64_t t) const;

    Tensor mask_;  // (time, batch)
};

}  // namespace layerctl::rnn
