// Inputs of rows of unequal length, Keras' `Input(ragged=True)`. Internal to engine.
//
// Such an input is two tensors: the rows padded to one length, and their lengths, TensorFlow's `row_lengths`. What lies
// behind a row's end is never read: it is masked in the layers of the table in ragged_rows.cpp, others are refused.
#pragma once

#include "engine/graph/graph.hpp"

namespace layerctl {

/// Makes the lengths of the input `values` an input of their own, named "input_1/row_lengths".
void add_row_lengths(Graph& graph, const LayerSpec& input, EdgeId values);

/// An input layer of a nested model must get what it states.
void check_nested_input(const Graph& graph, const LayerSpec& input, EdgeId given);

/// Which outputs of a node are ragged as its input is; a layer that does not take rows of unequal length is
/// Code::unsupported. Its outputs must be there.
void pass_ragged_rows(Graph& graph, const Node& node);

/// Results are arrays, so none may be ragged.
void refuse_ragged_outputs(const Graph& graph);

/// True up to the end of each row, for values of shape (batch, steps, …). A length that is negative or longer than the
/// padded rows is Code::input.
Tensor mask_of_rows(const Tensor& row_lengths, const Shape& values);

}  // namespace layerctl
