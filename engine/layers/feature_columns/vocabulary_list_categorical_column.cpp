// VocabularyListCategoricalColumn: the place of a value in a list; what is not in the list has a default id or is
// hashed into buckets behind it.
#include <unordered_map>

#include "engine/layers/feature_columns/value_column.hpp"
#include "engine/ops/hash.hpp"

namespace layerctl {
namespace {

/// The words of a vocabulary, integers as decimal digits.
struct Vocabulary {
    std::unordered_map<std::string, std::int64_t> places;
    Value source;
};

}  // namespace

template <>
struct ConfigField<Vocabulary> {
    static std::string wanted(const Vocabulary&) { return "a list of different strings or integers"; }
    static bool read(const Value& value, Vocabulary& out, Dialect) {
        if (value.array() == nullptr || value.array()->empty()) return false;
        out.places.clear();
        for (const Value& item : *value.array()) {
            const std::int64_t* number = item.integer();
            if (number == nullptr && item.string() == nullptr) return false;
            const auto place = static_cast<std::int64_t>(out.places.size());
            if (!out.places.emplace(number == nullptr ? *item.string() : std::to_string(*number), place).second)
                return false;
        }
        out.source = value;
        return true;
    }
    static Value write(const Vocabulary& vocabulary) { return vocabulary.source; }
};

namespace {

class VocabularyListCategoricalColumn final : public ValueColumn {
    Vocabulary vocabulary;
    std::int64_t default_value = -1;
    std::int64_t num_oov_buckets = 0;

    void config(ConfigIo& io) override {
        key_config(io);
        io.required("vocabulary_list", vocabulary);
        dtype_config(io);
        io.optional("default_value", default_value);
        io.optional("num_oov_buckets", num_oov_buckets, not_negative);
    }

    std::int64_t words() const { return static_cast<std::int64_t>(vocabulary.places.size()); }
    std::int64_t buckets() const override { return words() + num_oov_buckets; }

    std::int64_t id_of(const std::string& text) const override {
        const auto found = vocabulary.places.find(text);
        if (found != vocabulary.places.end()) return found->second;
        return num_oov_buckets > 0 ? words() + ops::hash_bucket(text, num_oov_buckets) : default_value;
    }
};

}  // namespace

std::unique_ptr<FeatureColumn> make_vocabulary_list_categorical_column() {
    return std::make_unique<VocabularyListCategoricalColumn>();
}

}  // namespace layerctl
