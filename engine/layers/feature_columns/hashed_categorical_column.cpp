// HashedCategoricalColumn: ids by hashing.
#include "engine/layers/feature_columns/value_column.hpp"
#include "engine/ops/hash.hpp"

namespace layerctl {
namespace {

class HashedCategoricalColumn final : public ValueColumn {
    std::int64_t hash_bucket_size = 0;

    void config(ConfigIo& io) override {
        key_config(io);
        io.required("hash_bucket_size", hash_bucket_size, positive);
        dtype_config(io);
    }

    std::int64_t buckets() const override { return hash_bucket_size; }
    std::int64_t id_of(const std::string& text) const override { return ops::hash_bucket(text, hash_bucket_size); }
};

}  // namespace

std::unique_ptr<FeatureColumn> make_hashed_categorical_column() { return std::make_unique<HashedCategoricalColumn>(); }

}  // namespace layerctl
