// CrossedColumn: every combination of one value of each key, hashed.
#include <algorithm>

#include "engine/layers/feature_columns/feature_column.hpp"
#include "engine/ops/hash.hpp"
#include "models/limits.hpp"

namespace layerctl {
namespace {

/// A feature as it is, or a categorical column.
struct CrossKey {
    std::string feature;  // empty for a column
    Column column;

    std::string name() const { return feature.empty() ? column->name() : feature; }
};

/// What is crossed of one key: hashes of all examples, one after another.
struct Crossable {
    std::vector<std::uint64_t> hashes;
    std::vector<std::size_t> ends;
};

/// All values of a feature, missing ones too.
Crossable crossable(const Tensor& feature) {
    Crossable out;
    if (feature.dtype() == DType::string) {
        for (const std::string& text : feature.string_values()) out.hashes.push_back(ops::fingerprint64(text));
    } else {
        const Tensor numbers = feature.cast(DType::int64);
        for (const std::int64_t number : numbers.values<std::int64_t>())
            out.hashes.push_back(static_cast<std::uint64_t>(number));
    }
    const auto batch = static_cast<std::size_t>(feature.shape()[0]),
               each = static_cast<std::size_t>(feature.shape()[1]);
    for (std::size_t i = 1; i <= batch; ++i) out.ends.push_back(i * each);
    return out;
}

Crossable crossable(const SparseIds& ids) { return {{ids.ids.begin(), ids.ids.end()}, ids.ends}; }

}  // namespace

template <>
struct ConfigField<CrossKey> {
    static std::string wanted(const CrossKey&) { return "a key or a categorical column"; }
    static bool read(const Value& value, CrossKey& out, Dialect dialect) {
        if (value.string() == nullptr) return out.column.read(value, dialect) && out.column->buckets() > 0;
        out.feature = *value.string();
        return !out.feature.empty();
    }
    static Value write(const CrossKey& key) { return key.feature.empty() ? key.column.write() : Value(key.feature); }
};

namespace {

class CrossedColumn final : public FeatureColumn {
    std::vector<CrossKey> keys;
    std::int64_t hash_bucket_size = 0;
    std::optional<std::int64_t> hash_key;

    void config(ConfigIo& io) override {
        io.required("keys", keys);
        io.required("hash_bucket_size", hash_bucket_size, positive);
        io.optional("hash_key", hash_key);
    }

    /// The keys of crossed columns inside take the place of those.
    std::vector<const CrossKey*> leaves() const {
        std::vector<const CrossKey*> out;
        for (const CrossKey& key : keys) {
            const auto* inner = key.feature.empty() ? dynamic_cast<const CrossedColumn*>(&*key.column) : nullptr;
            if (inner == nullptr) out.push_back(&key);
            else
                for (const CrossKey* leaf : inner->leaves()) out.push_back(leaf);
        }
        return out;
    }

    std::string name() const override {
        std::vector<std::string> names;
        for (const CrossKey* leaf : leaves()) names.push_back(leaf->name());
        std::sort(names.begin(), names.end());
        std::string joined;
        for (const std::string& part : names) joined += (joined.empty() ? "" : "_X_") + part;
        return joined;
    }

    void add_keys(std::set<std::string>& all) const override {
        for (const CrossKey& key : keys)
            if (key.feature.empty()) key.column->add_keys(all);
            else all.insert(key.feature);
    }

    std::int64_t buckets() const override { return hash_bucket_size; }

    /// TensorFlow puts columns before plain features.
    std::vector<Crossable> crossables(const Features& features) const {
        std::vector<Crossable> out;
        for (const bool plain : {false, true})
            for (const CrossKey* leaf : leaves()) {
                if (leaf->feature.empty() == plain) continue;
                if (plain) out.push_back(crossable(features.matrix(leaf->feature)));
                else out.push_back(crossable(unweighted(leaf->column->ids(features))));
            }
        return out;
    }

    static SparseIds unweighted(SparseIds ids) {
        if (!ids.weights.empty()) fail(Code::unsupported, "a crossed column of weighted ids");
        return ids;
    }

    SparseIds ids(const Features& features) const override {
        const std::vector<Crossable> parts = crossables(features);
        SparseIds out;
        for (std::size_t example = 0; example < features.batch(); ++example) {
            const auto key = static_cast<std::uint64_t>(hash_key.value_or(0));
            cross(parts, 0, example, key == 0 ? ops::default_cross_key : key, out);
            for (std::size_t i = out.begin(example); i < out.ids.size(); ++i)
                out.places.push_back(i - out.begin(example));
            out.ends.push_back(out.ids.size());
        }
        return out;
    }

    /// Adds the combinations of `hash` with the values of all parts from `part` on, the last one changing fastest.
    void cross(const std::vector<Crossable>& parts, std::size_t part, std::size_t example, std::uint64_t hash,
               SparseIds& out) const {
        if (part == parts.size()) {
            if (out.ids.size() == limits::crosses)
                fail(Code::refused, "column '", name(), "' makes more than ", limits::crosses,
                     " combinations of one batch");
            out.ids.push_back(static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(hash_bucket_size)));
            return;
        }
        const Crossable& values = parts[part];
        for (std::size_t i = example == 0 ? 0 : values.ends[example - 1]; i < values.ends[example]; ++i)
            cross(parts, part + 1, example, ops::fingerprint_cat64(hash, values.hashes[i]), out);
    }
};

}  // namespace

std::unique_ptr<FeatureColumn> make_crossed_column() { return std::make_unique<CrossedColumn>(); }

}  // namespace layerctl
