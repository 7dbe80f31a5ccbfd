// Feature columns of tf.keras 2: how DenseFeatures turns the entries of a dictionary into numbers. A column is a class
// in a file of its own that names its config once, as a layer does.
#pragma once

#include <concepts>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/layer.hpp"

namespace layerctl {

/// The tensors of one call under their keys; a plain (batch,) counts as (batch, 1).
class Features {
public:
    /// A tensor per key. Batches of unequal size are Code::input.
    Features(std::vector<std::string> keys, const Tensors& tensors);

    const Tensor& operator[](const std::string& key) const;

    /// One that must be (batch, values), else Code::input.
    const Tensor& matrix(const std::string& key) const;

    std::size_t batch() const { return batch_; }

private:
    std::vector<std::string> keys_;
    Tensors tensors_;
    std::size_t batch_ = 0;
};

/// What a categorical column says of every example: ids, each at a place of its own. TensorFlow's sparse tensor.
struct SparseIds {
    std::vector<std::int64_t> ids;    // of all examples, one after another
    std::vector<std::size_t> places;  // of each id in its example
    std::vector<std::size_t> ends;    // of each example in `ids`
    std::vector<float> weights = {};  // one per id, or none at all

    std::size_t begin(std::size_t example) const { return example == 0 ? 0 : ends[example - 1]; }
    std::size_t end(std::size_t example) const { return ends[example]; }
};

/// A dense column has a width and values, a categorical one buckets and ids; a BucketizedColumn has both.
class FeatureColumn {
public:
    virtual ~FeatureColumn() = default;

    virtual void config(ConfigIo& io) = 0;

    /// By which DenseFeatures sorts its columns and calls their weights.
    virtual std::string name() const = 0;

    /// Adds the keys of the features it reads.
    virtual void add_keys(std::set<std::string>& keys) const = 0;

    /// Numbers per example; 0 if the column is not dense.
    virtual std::int64_t width() const { return 0; }

    virtual WeightSpecs weights() const { return {}; }

    /// float32 (batch, width).
    virtual Tensor values(const Features& features, const Weights& weights) const;

    /// Ids are below that number, -1 where a value has none; 0 if the column is not categorical.
    virtual std::int64_t buckets() const { return 0; }

    virtual SparseIds ids(const Features& features) const;
};

/// A column as it stands in a config: {"class_name", "config"}.
class Column {
public:
    const FeatureColumn& operator*() const { return *column_; }
    const FeatureColumn* operator->() const { return column_.get(); }
    const std::string& class_name() const { return class_name_; }

    bool read(const Value& value, Dialect dialect);
    Value write() const;

private:
    std::shared_ptr<FeatureColumn> column_;
    std::string class_name_;
    Value source_;
    Dialect dialect_ = Dialect::keras2;
};

template <>
struct ConfigField<Column> {
    static std::string wanted(const Column&) { return "a serialized feature column"; }
    static bool read(const Value& value, Column& out, Dialect dialect) { return out.read(value, dialect); }
    static Value write(const Column& column) { return column.write(); }
};

/// Checks for ConfigIo.
struct IsDense {
    const char* operator()(const Column& column) const {
        return column->width() > 0 ? nullptr
                                   : "a dense column (wrap a categorical one in an indicator or an embedding)";
    }
    const char* operator()(const std::vector<Column>& columns) const {
        for (const Column& column : columns)
            if (const char* must_be = (*this)(column)) return must_be;
        return columns.empty() ? "one column or more" : nullptr;
    }
};
struct IsCategorical {
    const char* operator()(const Column& column) const {
        return column->buckets() > 0 ? nullptr : "a categorical column";
    }
};
inline constexpr IsDense is_dense;
inline constexpr IsCategorical is_categorical;

/// The classes, each in its own file.
std::unique_ptr<FeatureColumn> make_bucketized_column();
std::unique_ptr<FeatureColumn> make_crossed_column();
std::unique_ptr<FeatureColumn> make_embedding_column();
std::unique_ptr<FeatureColumn> make_hashed_categorical_column();
std::unique_ptr<FeatureColumn> make_identity_categorical_column();
std::unique_ptr<FeatureColumn> make_indicator_column();
std::unique_ptr<FeatureColumn> make_numeric_column();
std::unique_ptr<FeatureColumn> make_vocabulary_list_categorical_column();
std::unique_ptr<FeatureColumn> make_weighted_categorical_column();

}  // namespace layerctl
