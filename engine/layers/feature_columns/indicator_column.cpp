// IndicatorColumn: how often each id occurs in an example, or the sum of its weights.
#include "engine/layers/feature_columns/feature_column.hpp"

namespace layerctl {
namespace {

class IndicatorColumn final : public FeatureColumn {
    Column categorical;

    void config(ConfigIo& io) override { io.required("categorical_column", categorical, is_categorical); }

    std::string name() const override { return categorical->name() + "_indicator"; }
    void add_keys(std::set<std::string>& keys) const override { categorical->add_keys(keys); }
    std::int64_t width() const override { return categorical->buckets(); }

    Tensor values(const Features& features, const Weights&) const override {
        const SparseIds sparse = categorical->ids(features);
        Tensor counts(DType::float32, {static_cast<std::int64_t>(features.batch()), width()});
        const std::span<float> cells = counts.mutable_values<float>();
        for (std::size_t example = 0; example < features.batch(); ++example)
            for (std::size_t i = sparse.begin(example); i < sparse.end(example); ++i) {
                const std::int64_t id = sparse.ids[i];
                if (id < 0 || id >= width()) continue;
                cells[example * static_cast<std::size_t>(width()) + static_cast<std::size_t>(id)] +=
                    sparse.weights.empty() ? 1.0F : sparse.weights[i];
            }
        return counts;
    }
};

}  // namespace

std::unique_ptr<FeatureColumn> make_indicator_column() { return std::make_unique<IndicatorColumn>(); }

}  // namespace layerctl
