// A cell and how it is run along time. Internal to api.
#pragma once

#include <functional>

#include "api/onnx/layer_call.hpp"

namespace layerctl::onnx {

/// One step of a recurrent layer as nodes.
struct StepCell {
    Shapes states;  // of one sample
    Shape output;
    std::function<Name(const Name& x, Names& states)> step;  // the output; replaces the states
};

/// The cell of that class ("LSTMCell", or the layer "LSTM", whose config holds the same), for steps of shape
/// (batch, …). Code::unsupported for one that is not written.
StepCell step_cell(Builder& b, const std::string& class_name, const Settings& settings, const Weights& w,
                   const Shape& step, DType dtype);

/// A sequence and what to do with it.
struct Recurrence {
    Builder& b;
    std::string cell_class;
    Settings cell;
    Weights w;  // of the cell
    Name x;     // (batch, time, …), or time first
    Shape in;
    DType dtype;
    Name mask = {};      // (batch, time), or time first; "" if there is none
    Names initial = {};  // states; empty: zeros
    bool go_backwards = false;
    bool time_major = false;
    bool return_sequences = false;
    bool zero_output_for_mask = false;

    std::int64_t time_axis() const { return time_major ? 0 : 1; }
    Shape step_shape() const;
};

/// Whether a GRU applies its reset gate after the product, as Keras 3 does unless told otherwise.
inline bool resets_after(const Settings& cell) {
    return cell.get_or("reset_after", cell.scope().dialect == Dialect::keras3);
}

/// The output, or the sequence of them, and the last states. As ONNX' LSTM, GRU or RNN where these compute the same,
/// else as a Scan over the steps.
Names run_along_time(const Recurrence& r);

/// The same as one node; nothing if it cannot be.
std::optional<Names> as_one_node(const Recurrence& r);

}  // namespace layerctl::onnx
