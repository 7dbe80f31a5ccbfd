// ConvLSTM3D: LSTM over volumes.
#include "engine/layers/rnn/conv_lstm.hpp"

namespace layerctl {
namespace {

class ConvLSTM3D final : public ConvLstm {
public:
    ConvLSTM3D() : ConvLstm(3) {}
};

LAYERCTL_REGISTER_LAYER(ConvLSTM3D);

}  // namespace
}  // namespace layerctl
