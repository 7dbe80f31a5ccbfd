// CuDNNLSTM: LSTM with the weights of cuDNN.
#include "engine/layers/rnn/cudnn_rnn.hpp"
#include "engine/layers/rnn/lstm_cell.hpp"

namespace layerctl {
namespace {

class CuDNNLSTM final : public CudnnRnn<LSTMCell> {
public:
    CuDNNLSTM() : CudnnRnn(4) {}

private:
    bool unit_forget_bias = true;

    void config(ConfigIo& io) override {
        CudnnRnn::config(io);
        io.optional("unit_forget_bias", unit_forget_bias);
    }

    Config cell_config() const override { return Config{{"units", units}}; }

    /// Ones in the forget gate of the second bias.
    Initializer bias_of_new() const override {
        if (!unit_forget_bias) return bias_initializer;
        Initializer bias = Initializer::unit_forget_bias(bias_initializer);
        bias.config.set("blocks", 8);
        bias.config.set("block", 5);
        return bias;
    }
};

LAYERCTL_REGISTER_LAYER(CuDNNLSTM);

}  // namespace
}  // namespace layerctl
