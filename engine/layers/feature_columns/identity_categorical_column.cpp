// IdentityCategoricalColumn: integers that are ids already.
#include "engine/layers/feature_columns/value_column.hpp"

namespace layerctl {
namespace {

class IdentityCategoricalColumn final : public ValueColumn {
    std::int64_t number_buckets = 0;
    std::optional<std::int64_t> default_value;

    void config(ConfigIo& io) override {
        set_dtype(DType::int64);
        key_config(io);
        io.required("number_buckets", number_buckets, positive);
        io.optional("default_value", default_value, [&](const std::optional<std::int64_t>& value) {
            return !value || (*value >= 0 && *value < number_buckets) ? nullptr : "below number_buckets";
        });
    }

    std::int64_t buckets() const override { return number_buckets; }

    std::int64_t id_of(const std::string&) const override { fail(Code::internal, "a string as id"); }
    std::int64_t id_of(std::int64_t number) const override {
        const bool inside = number >= 0 && number < number_buckets;
        return inside ? number : default_value.value_or(number);
    }
};

}  // namespace

std::unique_ptr<FeatureColumn> make_identity_categorical_column() {
    return std::make_unique<IdentityCategoricalColumn>();
}

}  // namespace layerctl
