// ConvLSTM2D: LSTM over images.
#include "engine/layers/rnn/conv_lstm.hpp"

namespace layerctl {
namespace {

class ConvLSTM2D final : public ConvLstm {
public:
    ConvLSTM2D() : ConvLstm(2) {}
};

LAYERCTL_REGISTER_LAYER(ConvLSTM2D);

}  // namespace
}  // namespace layerctl
