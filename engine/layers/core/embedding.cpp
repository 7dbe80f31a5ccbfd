// Embedding: the row of `embeddings` for every id.
#include "engine/layers/core/base_embedding.hpp"
#include "engine/lowering.hpp"

namespace layerctl {
namespace {

class Embedding final : public BaseEmbedding, public Lowers {
    void config(ConfigIo& io) override {
        BaseEmbedding::config(io);
        io.ignored("input_length");  // a shape that the input has anyway
        io.only("sparse", false);
    }

    std::optional<Request> lower(const Shapes&, const Weights& w) const override {
        if (quantization.integers()) return {};
        return Gather{lora.merged(w), context().dialect == Dialect::keras3, mask_zero};
    }

    MaskRule mask_rule() const override {
        return {MaskRule::Inputs::ignored, mask_zero ? MaskRule::Outputs::made : MaskRule::Outputs::given};
    }

    bool lowers_from(DType dtype) const override { return dtype != DType::string; }
};

LAYERCTL_REGISTER_LAYER(Embedding);

}  // namespace
}  // namespace layerctl
