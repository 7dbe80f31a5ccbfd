// WeightedCategoricalColumn: a categorical column whose ids carry weights, the numbers of a second feature.
#include "engine/layers/feature_columns/feature_column.hpp"

namespace layerctl {
namespace {

class WeightedCategoricalColumn final : public FeatureColumn {
    Column categorical;
    std::string weight_feature_key;
    std::string dtype = "float32";

    void config(ConfigIo& io) override {
        io.required("categorical_column", categorical, is_categorical);
        io.required("weight_feature_key", weight_feature_key);
        io.optional("dtype", dtype);
    }

    std::string name() const override { return categorical->name() + "_weighted_by_" + weight_feature_key; }
    void add_keys(std::set<std::string>& keys) const override {
        categorical->add_keys(keys);
        keys.insert(weight_feature_key);
    }
    std::int64_t buckets() const override { return categorical->buckets(); }

    // A weight of 0 counts as missing. TensorFlow pairs ids and weights in order, whatever their places, and fails if
    // there are more of one than of the other.
    SparseIds ids(const Features& features) const override {
        const Tensor& given = features.matrix(weight_feature_key);
        if (dtype_name(given.dtype()) != dtype)
            fail(Code::input, "feature '", weight_feature_key, "': wanted ", dtype, ", found ", given.dtype());
        const Tensor weights = given.cast(DType::float32);
        const auto per_example = static_cast<std::size_t>(given.shape()[1]);
        const std::span<const float> numbers = weights.values<float>();
        SparseIds out = categorical->ids(features);
        for (std::size_t example = 0, id = 0; example < features.batch(); ++example)
            for (std::size_t place = 0; place < per_example; ++place) {
                const float weight = numbers[example * per_example + place];
                const bool has_id = id < out.end(example) && out.places[id] == place;
                if (has_id != (weight != 0.0F))
                    fail(Code::input, "feature '", weight_feature_key,
                         "': wanted a weight other than 0 for every id of '", categorical->name(),
                         "' and for nothing else, found ", weight, " at (", example, ", ", place, ")");
                if (!has_id) continue;
                out.weights.push_back(weight);
                ++id;
            }
        if (out.weights.size() != out.ids.size())
            fail(Code::input, "feature '", weight_feature_key, "': wanted ", out.ids.size(), " weights, found ",
                 out.weights.size());
        return out;
    }
};

}  // namespace

std::unique_ptr<FeatureColumn> make_weighted_categorical_column() {
    return std::make_unique<WeightedCategoricalColumn>();
}

}  // namespace layerctl
