// ConvLSTM1D: LSTM over rows of one spatial axis.
#include "engine/layers/rnn/conv_lstm.hpp"

namespace layerctl {
namespace {

class ConvLSTM1D final : public ConvLstm {
public:
    ConvLSTM1D() : ConvLstm(1) {}
};

LAYERCTL_REGISTER_LAYER(ConvLSTM1D);

}  // namespace
}  // namespace layerctl
