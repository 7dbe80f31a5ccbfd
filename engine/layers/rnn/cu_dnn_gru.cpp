// CuDNNGRU: GRU with the weights of cuDNN.
#include "engine/layers/rnn/cudnn_rnn.hpp"
#include "engine/layers/rnn/gru_cell.hpp"

namespace layerctl {
namespace {

class CuDNNGRU final : public CudnnRnn<GRUCell> {
public:
    CuDNNGRU() : CudnnRnn(3) {}

private:
    Config cell_config() const override { return Config{{"units", units}, {"reset_after", true}}; }
};

LAYERCTL_REGISTER_LAYER(CuDNNGRU);

}  // namespace
}  // namespace layerctl
