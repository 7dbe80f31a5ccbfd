// LSTM: long short-term memory, a LSTMCell along time.
#include "engine/layers/rnn/lstm_cell.hpp"
#include "engine/layers/rnn/rnn.hpp"

namespace layerctl {
namespace {

class LSTM final : public RnnOf<LSTMCell> {};

LAYERCTL_REGISTER_LAYER(LSTM);

}  // namespace
}  // namespace layerctl
