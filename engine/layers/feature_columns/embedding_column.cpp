// EmbeddingColumn: the learned vectors of the ids of an example, added up or averaged; zeros for an example without
// any.
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/layers/feature_columns/feature_column.hpp"

namespace layerctl {
namespace {

enum class Combiner { mean, sum, sqrtn };

constexpr std::array combiner_names = {
    EnumName<Combiner>{Combiner::mean, "mean"},
    EnumName<Combiner>{Combiner::sum, "sum"},
    EnumName<Combiner>{Combiner::sqrtn, "sqrtn"},
};

}  // namespace

template <>
struct ConfigField<Combiner> : ConfigEnum<Combiner, combiner_names> {};

namespace {

class EmbeddingColumn final : public FeatureColumn {
    Column categorical;
    std::int64_t dimension = 0;
    Combiner combiner = Combiner::mean;
    Initializer initializer;
    std::optional<double> max_norm;
    bool trainable = true;

    void config(ConfigIo& io) override {
        io.required("categorical_column", categorical, is_categorical);
        io.required("dimension", dimension, positive);
        io.required("combiner", combiner);
        io.required("initializer", initializer);
        io.optional("max_norm", max_norm);
        io.optional("trainable", trainable);
        io.only("ckpt_to_load_from", nullptr);
        io.only("tensor_name_in_ckpt", nullptr);
        io.only("use_safe_embedding_lookup", true);
    }

    std::string name() const override { return categorical->name() + "_embedding"; }
    void add_keys(std::set<std::string>& keys) const override { categorical->add_keys(keys); }
    std::int64_t width() const override { return dimension; }

    std::string weight_name() const { return name() + "/embedding_weights"; }
    WeightSpecs weights() const override {
        return {{weight_name(), {categorical->buckets(), dimension}, initializer, trainable, DType::float32}};
    }

    /// By what to multiply a vector so that it is no longer than max_norm.
    float clipping(std::span<const float> vector) const {
        if (!max_norm) return 1;
        float squares = 0;
        for (const float x : vector) squares += x * x;
        const auto longest = static_cast<float>(*max_norm);
        return longest / std::max(std::sqrt(squares), longest);
    }

    /// Ids below 0 have no vector; weights that are not positive count for nothing, but in sums.
    bool counts(std::int64_t id, float weight) const { return id >= 0 && (weight > 0 || combiner == Combiner::sum); }

    float divisor(float weights, float squares) const {
        if (combiner == Combiner::sum) return 1;
        return combiner == Combiner::mean ? weights : std::sqrt(squares);
    }

    Tensor values(const Features& features, const Weights& w) const override {
        const SparseIds sparse = categorical->ids(features);
        const Tensor& table = w[weight_name()];
        const auto size = static_cast<std::size_t>(dimension);
        Tensor result(DType::float32, {static_cast<std::int64_t>(features.batch()), dimension});
        for (std::size_t example = 0; example < features.batch(); ++example) {
            const std::span<float> sum = result.mutable_values<float>().subspan(example * size, size);
            float weights = 0, squares = 0;
            for (std::size_t i = sparse.begin(example); i < sparse.end(example); ++i) {
                const float weight = sparse.weights.empty() ? 1 : sparse.weights[i];
                if (!counts(sparse.ids[i], weight)) continue;
                if (sparse.ids[i] >= categorical->buckets())
                    fail(Code::input, "column '", name(), "': wanted ids below ", categorical->buckets(), ", found ",
                         sparse.ids[i]);
                const auto vector = table.values<float>().subspan(static_cast<std::size_t>(sparse.ids[i]) * size, size);
                const float scale = clipping(vector) * weight;
                for (std::size_t k = 0; k < size; ++k) sum[k] += vector[k] * scale;
                weights += weight;
                squares += weight * weight;
            }
            if (squares > 0)
                for (float& x : sum) x /= divisor(weights, squares);
        }
        return result;
    }
};

}  // namespace

std::unique_ptr<FeatureColumn> make_embedding_column() { return std::make_unique<EmbeddingColumn>(); }

}  // namespace layerctl
