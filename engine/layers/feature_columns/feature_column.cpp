#include "engine/layers/feature_columns/feature_column.hpp"

#include <algorithm>

#include "models/suggest.hpp"

namespace layerctl {
namespace {

/// A class of columns: how to make one, or why there is none.
struct Class {
    std::string_view name;
    std::unique_ptr<FeatureColumn> (*make)();
    std::string_view refusal = {};
};

constexpr Class classes[] = {
    {"BucketizedColumn", make_bucketized_column},
    {"CrossedColumn", make_crossed_column},
    {"EmbeddingColumn", make_embedding_column},
    {"HashedCategoricalColumn", make_hashed_categorical_column},
    {"IdentityCategoricalColumn", make_identity_categorical_column},
    {"IndicatorColumn", make_indicator_column},
    {"NumericColumn", make_numeric_column},
    {"VocabularyListCategoricalColumn", make_vocabulary_list_categorical_column},
    {"WeightedCategoricalColumn", make_weighted_categorical_column},
    {"VocabularyFileCategoricalColumn", nullptr,
     "its vocabulary is a file beside the model, and nothing a model names is opened; "
     "a VocabularyListCategoricalColumn holds its words itself"},
    {"SharedEmbeddingColumn", nullptr, "no config says with which columns it shares its weights"},
    {"SequenceCategoricalColumn", nullptr, "only SequenceFeatures takes sequences"},
    {"SequenceNumericColumn", nullptr, "only SequenceFeatures takes sequences"},
};

std::unique_ptr<FeatureColumn> make_column(const std::string& name) {
    const auto found =
        std::find_if(std::begin(classes), std::end(classes), [&](const Class& c) { return c.name == name; });
    if (found == std::end(classes)) {
        std::vector<std::string> known;
        for (const Class& c : classes) known.emplace_back(c.name);
        fail(Code::unsupported, "unknown feature column '", name, "'", did_you_mean(name, known));
    }
    if (found->make == nullptr) fail(Code::unsupported, "feature column ", name, ": ", found->refusal);
    return found->make();
}

}  // namespace

Features::Features(std::vector<std::string> keys, const Tensors& tensors) : keys_(std::move(keys)) {
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const Shape& shape = tensors[i].shape();
        if (i > 0 && shape[0] != tensors[0].shape()[0])
            fail(Code::input, "feature '", keys_[i], "': wanted a batch of ", tensors[0].shape()[0], ", found ",
                 shape[0]);
        tensors_.push_back(shape.rank() == 1 ? tensors[i].reshaped({shape[0], 1}) : tensors[i]);
        batch_ = static_cast<std::size_t>(shape[0]);
    }
}

const Tensor& Features::operator[](const std::string& key) const {
    const auto found = std::find(keys_.begin(), keys_.end(), key);
    if (found == keys_.end()) fail(Code::internal, "feature '", key, "' was not asked for");
    return tensors_[static_cast<std::size_t>(found - keys_.begin())];
}

const Tensor& Features::matrix(const std::string& key) const {
    const Tensor& feature = (*this)[key];
    if (feature.shape().rank() != 2)
        fail(Code::input, "feature '", key, "': wanted rank 1 or 2, found shape ", feature.shape());
    return feature;
}

Tensor FeatureColumn::values(const Features&, const Weights&) const {
    fail(Code::internal, "column '", name(), "' is not dense");
}

SparseIds FeatureColumn::ids(const Features&) const {
    fail(Code::internal, "column '", name(), "' is not categorical");
}

bool Column::read(const Value& value, Dialect dialect) {
    const Value* class_name = value.find("class_name");
    const Value* config = value.find("config");
    if (class_name == nullptr || class_name->string() == nullptr || config == nullptr || config->object() == nullptr)
        return false;
    class_name_ = *class_name->string();
    std::shared_ptr<FeatureColumn> column = make_column(class_name_);
    in_context("feature column " + class_name_, [&] {
        const Config fields(*config);
        ConfigReader reader(fields, dialect);
        column->config(reader);
        reader.finish();
        reader.problems().throw_if_any();
    });
    column_ = std::move(column);
    source_ = value;
    dialect_ = dialect;
    return true;
}

Value Column::write() const {
    ConfigWriter writer(*source_.find("config"), dialect_);
    column_->config(writer);
    Value out = source_;
    out.set("config", writer.value());
    return out;
}

}  // namespace layerctl
