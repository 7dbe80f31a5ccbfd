// Attention: scores are query · key, or a sum of tanh(query + key) in the mode "concat", without a division by √size.
#include <numeric>

#include "engine/layers/attention/dense_attention.hpp"
#include "engine/lowering.hpp"
#include "engine/ops/einsum.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

enum class ScoreMode { dot, concat };

constexpr EnumName<ScoreMode> score_mode_names[] = {{ScoreMode::dot, "dot"}, {ScoreMode::concat, "concat"}};

}  // namespace

template <>
struct ConfigField<ScoreMode> : ConfigEnum<ScoreMode, score_mode_names> {};

namespace {

class Attention final : public DenseAttention, public Lowers {
    ScoreMode score_mode = ScoreMode::dot;

public:
    Attention() : DenseAttention(false) {}

private:
    void config(ConfigIo& io) override {
        shared_config(io);
        io.optional("score_mode", score_mode);
    }

    WeightSpecs weights(const Shapes&) const override {
        WeightSpecs specs;
        if (use_scale) specs.push_back({"scale", {}, Initializer::ones()});
        if (score_mode == ScoreMode::concat) specs.push_back({"concat_score_weight", {}, Initializer::ones()});
        return specs;
    }

    Tensor scores(const Tensor& queries, const Tensor& keys, const Weights& w) const override {
        const double scale = use_scale ? w["scale"].cast(DType::float64).values<double>()[0] : 1;
        if (score_mode == ScoreMode::concat) return tanh_scores(queries, keys, scale, w["concat_score_weight"]);
        std::string batch(queries.shape().rank() - 2, ' ');
        std::iota(batch.begin(), batch.end(), 'a');
        Tensor products = ops::einsum({.a = batch + "QF", .b = batch + "KF", .y = batch + "QK"}, queries, keys);
        with_float(products.dtype(), [&]<class T>(Type<T>) {
            for (T& product : products.mutable_values<T>()) product *= static_cast<T>(scale);
        });
        return products;
    }

    MaskRule mask_rule() const override { return {MaskRule::Inputs::refused}; }

    std::optional<Request> lower(const Shapes& in, const Weights& w) const override {
        if (score_mode != ScoreMode::dot || returns_scores() || (is_causal() && in[query].rank() < 3)) return {};
        return DotProductAttention{.scale = use_scale ? w["scale"].values<float>()[0] : 1.0f, .causal = is_causal()};
    }
};

LAYERCTL_REGISTER_LAYER(Attention);

}  // namespace
}  // namespace layerctl
