// Categorical columns that give every value of one feature an id of its own: strings or integers, where '' and -1 stand
// for values that are missing.
#pragma once

#include "engine/layers/feature_columns/feature_column.hpp"

namespace layerctl {

class ValueColumn : public FeatureColumn {
public:
    std::string name() const override { return key_; }
    void add_keys(std::set<std::string>& keys) const override { keys.insert(key_); }

    /// A feature of the other kind than the column's dtype, or of neither, is Code::input.
    SparseIds ids(const Features& features) const override;

protected:
    void key_config(ConfigIo& io) { io.required("key", key_); }

    /// "string", or the name of an integer type.
    void dtype_config(ConfigIo& io);

    bool holds_strings() const { return dtype_ == DType::string; }
    void set_dtype(DType dtype) { dtype_ = dtype; }

    /// The id of a string, or of the decimal digits of an integer.
    virtual std::int64_t id_of(const std::string& text) const = 0;
    virtual std::int64_t id_of(std::int64_t number) const { return id_of(std::to_string(number)); }

private:
    std::string key_;
    DType dtype_ = DType::string;
};

}  // namespace layerctl
