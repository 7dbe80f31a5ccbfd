// AdditiveAttention: scores are Σ scale · tanh(query + key).
#include "engine/layers/attention/dense_attention.hpp"

namespace layerctl {
namespace {

class AdditiveAttention final : public DenseAttention {
public:
    AdditiveAttention() : DenseAttention(true) {}

private:
    void config(ConfigIo& io) override { shared_config(io); }

    WeightSpecs weights(const Shapes& in) const override {
        if (!use_scale) return {};
        const Shape& counted = in[keras3() ? query : value];
        return {{"scale", {known_dim(counted, counted.rank() - 1)}, Initializer::glorot_uniform()}};
    }

    Tensor scores(const Tensor& queries, const Tensor& keys, const Weights& w) const override {
        if (!use_scale) return tanh_scores(queries, keys, 1, ones(queries.dtype()));
        const std::int64_t features = queries.shape().back();
        require(w["scale"].elements() == 1 || w["scale"].elements() == static_cast<std::size_t>(features),
                "wanted queries of ", w["scale"].elements(), " features, found shape ", queries.shape());
        return tanh_scores(queries, keys, 1, w["scale"]);
    }

    static Tensor ones(DType dtype) { return Tensor::from<float>({}, std::vector<float>{1}).cast(dtype); }
};

LAYERCTL_REGISTER_LAYER(AdditiveAttention);

}  // namespace
}  // namespace layerctl
