// Rnn: a cell run along time — masks, states, sequences — for every recurrent layer.
#pragma once

#include "engine/layers/rnn/cell.hpp"

namespace layerctl {

/// Inputs are a sequence (batch, time, …), optionally initial states, and constants if there are any; outputs are the
/// sequence of outputs or the last one, and the last states if asked for.
class Rnn : public Layer, public CountsMacs, public Lowers {
public:
    std::vector<std::string> call_arguments() const override { return {"sequences", "initial_state..."}; }
    void config(ConfigIo& io) override;
    WeightSpecs weights(const Shapes& in) const override;
    Shapes compute_output_shape(const Shapes& in) const override;
    Masks compute_mask(const Tensors& x, const Masks& in) const override;
    Shapes state_shapes(const Shapes& in) const override;
    std::optional<std::int64_t> macs(const Shapes& in) const override;
    std::optional<Request> lower(const Shapes& in, const Weights& w) const override;
    MaskRule mask_rule() const override;
    void call(const Tensors& x, const Weights& w, Tensors& y) const override;
    void call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const override;
    void call_stateful(const Tensors& x, const Masks& masks, const Weights& w, Tensors& state,
                       Tensors& y) const override;

    /// What Bidirectional must know of the layers it wraps, and the one thing it changes.
    bool returns_sequences() const { return return_sequences; }
    bool returns_state() const { return return_state; }
    bool is_stateful() const { return stateful; }
    bool runs_backwards() const { return go_backwards; }
    bool is_time_major() const { return time_major; }
    void set_zero_output_for_mask(bool zero) { zero_output_for_mask = zero; }

protected:
    /// The options that every recurrent layer has.
    void sequence_config(ConfigIo& io);

    virtual const Cell& cell() const = 0;

    /// The cell's weights for inputs of one step, named "cell/…".
    virtual WeightSpecs cell_weights(const Shape& step) const;

    /// Whether `zero_output_for_mask` counts; Keras 2 forgets it over images.
    virtual bool heeds_zero_output() const { return true; }

    /// How many of the inputs, the last ones, are constants.
    virtual std::size_t constants() const { return 0; }

    bool time_major = false;

private:
    template <class T>
    std::vector<T> initial(const std::vector<T>& in) const {
        require(in.size() > constants(), "wanted a sequence and ", constants(), " constants, found ", in.size(),
                " inputs");
        return {in.begin() + 1, in.end() - static_cast<std::ptrdiff_t>(constants())};
    }

    /// (batch, …) of one step.
    Shape step_shape(const Shape& sequence) const;
    Tensors initial_states(const Tensors& x, const Tensors& kept) const;
    Tensors run(const Tensors& x, const Tensor& mask, const Weights& w, Tensors states) const;

    bool return_sequences = false;
    bool return_state = false;
    bool go_backwards = false;
    bool stateful = false;
    bool unroll = false;
    bool zero_output_for_mask = false;
};

/// A recurrent layer whose config is that of its cell together with its own: LSTM of LSTMCell.
template <class C>
class RnnOf : public Rnn {
public:
    void config(ConfigIo& io) override {
        cell_.set_context(context());
        Rnn::config(io);
        cell_.config(io);
    }

protected:
    const Cell& cell() const override { return cell_; }

    C cell_;
};

}  // namespace layerctl
