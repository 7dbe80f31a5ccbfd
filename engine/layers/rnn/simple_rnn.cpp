// SimpleRNN: the fully connected recurrent layer, a SimpleRNNCell along time.
#include "engine/layers/rnn/rnn.hpp"
#include "engine/layers/rnn/simple_rnn_cell.hpp"

namespace layerctl {
namespace {

class SimpleRNN final : public RnnOf<SimpleRNNCell> {};

LAYERCTL_REGISTER_LAYER(SimpleRNN);

}  // namespace
}  // namespace layerctl
