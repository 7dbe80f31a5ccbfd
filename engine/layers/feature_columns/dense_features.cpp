// DenseFeatures: the values of feature columns side by side, in the order of the columns' names.
#include <algorithm>

#include "engine/layers/feature_columns/feature_column.hpp"
#include "engine/ops/concatenate.hpp"

namespace layerctl {
namespace {

class DenseFeatures final : public Layer {
    std::vector<Column> feature_columns;

    void config(ConfigIo& io) override {
        io.required("feature_columns", feature_columns, is_dense);
        io.only("partitioner", nullptr);
        if (compute_dtype() != DType::float32)
            fail(Code::unsupported, "DenseFeatures computes in float32 only, found ", compute_dtype());
    }

    std::vector<const FeatureColumn*> sorted() const {
        std::vector<const FeatureColumn*> columns;
        for (const Column& column : feature_columns) columns.push_back(&*column);
        std::sort(columns.begin(), columns.end(), [](const auto* a, const auto* b) { return a->name() < b->name(); });
        return columns;
    }

    std::vector<std::string> call_arguments() const override {
        std::set<std::string> keys;
        for (const Column& column : feature_columns) column->add_keys(keys);
        return {keys.begin(), keys.end()};
    }

    WeightSpecs weights(const Shapes&) const override {
        WeightSpecs specs;
        for (const FeatureColumn* column : sorted())
            for (WeightSpec& spec : column->weights()) specs.push_back(std::move(spec));
        return specs;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        const std::vector<const FeatureColumn*> columns = sorted();
        std::int64_t width = 0;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (i > 0 && columns[i]->name() == columns[i - 1]->name())
                fail(Code::config, "two feature columns are called '", columns[i]->name(), "'");
            if (__builtin_add_overflow(width, columns[i]->width(), &width))
                fail(Code::refused, "feature columns of more values than 64 bits count");
        }
        for (const Shape& shape : in)
            require(shape.rank() >= 1, "features must have rank 1 or more, found shape ", shape);
        return {{in.front()[0], width}};
    }

    DType input_dtype(std::size_t, DType given) const override { return keep(given); }
    DTypes compute_output_dtype(const DTypes&) const override { return {DType::float32}; }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        const Features features(call_arguments(), x);
        Tensors parts;
        for (const FeatureColumn* column : sorted()) parts.push_back(column->values(features, w));
        y[0] = ops::concatenate(parts, 1);
    }
};

LAYERCTL_REGISTER_LAYER(DenseFeatures);

}  // namespace
}  // namespace layerctl
