// BucketizedColumn: in which interval between boundaries each number of a NumericColumn lies; dense, one-hot, and
// categorical.
#include <algorithm>

#include "engine/layers/feature_columns/feature_column.hpp"

namespace layerctl {
namespace {

class BucketizedColumn final : public FeatureColumn {
    Column source;
    std::vector<double> boundaries;

    void config(ConfigIo& io) override {
        io.required("source_column", source, [](const Column& column) {
            return column.class_name() == "NumericColumn" ? nullptr : "a NumericColumn";
        });
        io.required("boundaries", boundaries, [](const std::vector<double>& list) {
            const bool increasing = std::adjacent_find(list.begin(), list.end(), std::greater_equal<>()) == list.end();
            return !list.empty() && increasing ? nullptr : "a list of increasing numbers";
        });
    }

    std::string name() const override { return source->name() + "_bucketized"; }
    void add_keys(std::set<std::string>& keys) const override { source->add_keys(keys); }

    std::int64_t intervals() const { return static_cast<std::int64_t>(boundaries.size()) + 1; }
    std::int64_t buckets() const override { return source->width() * intervals(); }
    std::int64_t width() const override { return buckets(); }

    /// The bucket of each number; those of the second number of an example follow those of the first.
    std::vector<std::int64_t> buckets_of(const Features& features) const {
        const std::vector<float> bounds(boundaries.begin(), boundaries.end());
        const Tensor numbers = source->values(features, {});
        std::vector<std::int64_t> out;
        for (const float number : numbers.values<float>()) {
            const auto above = std::upper_bound(bounds.begin(), bounds.end(), number);
            const auto place = static_cast<std::int64_t>(out.size()) % source->width();
            out.push_back(place * intervals() + (above - bounds.begin()));
        }
        return out;
    }

    Tensor values(const Features& features, const Weights&) const override {
        Tensor one_hot(DType::float32, {static_cast<std::int64_t>(features.batch()), width()});
        const std::span<float> cells = one_hot.mutable_values<float>();
        const std::vector<std::int64_t> found = buckets_of(features);
        for (std::size_t i = 0; i < found.size(); ++i)
            cells[i / size(source->width()) * size(width()) + size(found[i])] = 1;
        return one_hot;
    }

    SparseIds ids(const Features& features) const override {
        SparseIds out{buckets_of(features), {}, {}};
        for (std::size_t i = 0; i < out.ids.size(); ++i) out.places.push_back(i % size(source->width()));
        for (std::size_t i = 1; i <= features.batch(); ++i) out.ends.push_back(i * size(source->width()));
        return out;
    }

    static std::size_t size(std::int64_t number) { return static_cast<std::size_t>(number); }
};

}  // namespace

std::unique_ptr<FeatureColumn> make_bucketized_column() { return std::make_unique<BucketizedColumn>(); }

}  // namespace layerctl
