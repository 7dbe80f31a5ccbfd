// GRU: gated recurrent units, a GRUCell along time.
#include "engine/layers/rnn/gru_cell.hpp"
#include "engine/layers/rnn/rnn.hpp"

namespace layerctl {
namespace {

class GRU final : public RnnOf<GRUCell> {};

LAYERCTL_REGISTER_LAYER(GRU);

}  // namespace
}  // namespace layerctl
