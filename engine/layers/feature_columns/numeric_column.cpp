// NumericColumn: the numbers of a feature as they are.
#include "engine/layers/feature_columns/feature_column.hpp"

namespace layerctl {
namespace {

class NumericColumn final : public FeatureColumn {
    std::string key;
    std::vector<std::int64_t> shape;

    void config(ConfigIo& io) override {
        io.required("key", key);
        io.required("shape", shape, positive);
        io.only("normalizer_fn", nullptr);
        io.ignored("default_value");  // for examples yet to be parsed
        io.ignored("dtype");          // of those, too: numbers become float32
    }

    std::string name() const override { return key; }
    void add_keys(std::set<std::string>& keys) const override { keys.insert(key); }

    std::int64_t width() const override { return Shape(shape).elements(); }

    Tensor values(const Features& features, const Weights&) const override {
        const Tensor& feature = features[key];
        if (feature.dtype() == DType::string) fail(Code::input, "feature '", key, "': wanted numbers, found strings");
        const Shape flat = {feature.shape()[0], width()};
        if (feature.shape().elements() != flat.elements())
            fail(Code::input, "feature '", key, "': wanted ", width(), " numbers per example, found shape ",
                 feature.shape());
        return feature.cast(DType::float32).reshaped(flat);
    }
};

}  // namespace

std::unique_ptr<FeatureColumn> make_numeric_column() { return std::make_unique<NumericColumn>(); }

}  // namespace layerctl
