// Embedding: the row of `embeddings` for every id.
#include "engine/layers/core/base_embedding.hpp"

namespace layerctl {
namespace {

class Embedding final : public BaseEmbedding {
    void config(ConfigIo& io) override {
        BaseEmbedding::config(io);
        io.ignored("input_length");  // a shape that the input has anyway
        io.only("sparse", false);
    }
};

LAYERCTL_REGISTER_LAYER(Embedding);

}  // namespace
}  // namespace layerctl
