// Cell: what a recurrent layer does at one step of time; the time loop, masks and outputs are Rnn's business.
#pragma once

#include "engine/counts_macs.hpp"
#include "engine/lowering.hpp"

namespace layerctl {

/// A cell is a layer, too: called with an input and its states it returns the output and the new states.
class Cell : public Layer, public CountsMacs {
public:
    /// Shapes of the states for inputs x of one step, (batch, …).
    virtual Shapes states_of(const Shape& x) const = 0;

    /// Shape of the output of one step.
    virtual Shape output_of(const Shape& x) const { return states_of(x).front(); }

    /// What a step takes from its input alone, for any number of steps at once: rows are batch entries of one step
    /// after the other.
    virtual Tensor project(const Tensor& x, const Weights& w) const = 0;

    /// One step from projected inputs: replaces the states, returns the output.
    virtual Tensor step(const Tensor& projected, const Weights& w, Tensors& states) const = 0;

    /// The cell in the terms of the fast engine, without what the layer around it says; nothing if it has no words for it.
    virtual std::optional<Recurrence> recurrence(const Weights&) const { return {}; }

    /// Of one step; a cell of the user's does not count.
    std::optional<std::int64_t> macs(const Shapes&) const override { return {}; }

    /// Whether a recurrent layer may be called with constants over this cell. Keras' own cells make no use of them.
    virtual bool allows_constants() const { return false; }

    std::vector<std::string> call_arguments() const override { return {"inputs", "states..."}; }
    Shapes compute_output_shape(const Shapes& in) const override;
    void call(const Tensors& x, const Weights& w, Tensors& y) const override;
};

/// The cell that `layer` is; Code::unsupported if it is none.
const Cell& as_cell(const Layer& layer);

/// A check for ConfigIo: `glu` would halve what it is given.
struct KeepsShape {
    const char* operator()(const Activation& activation) const {
        return activation.id == Activation::Id::glu ? "an activation that keeps the shape" : nullptr;
    }
};
inline constexpr KeepsShape keeps_shape;

/// Options of cells that matter in training only, and which way of computing to take.
void training_config(ConfigIo& io);

namespace rnn {

/// Columns [part·n, (part + 1)·n) of the last axis.
Tensor part(const Tensor& x, std::int64_t part, std::int64_t n);

/// y += x, of one shape.
void add(const Tensor& x, Tensor& y);

/// y += x · kernel along the last axis.
void add_product(const Tensor& x, const Tensor& kernel, Tensor& y);

}  // namespace rnn
}  // namespace layerctl
