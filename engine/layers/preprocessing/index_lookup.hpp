// What IntegerLookup and StringLookup have in common: terms in, indices or encoded indices out, or the reverse.
#pragma once

#include "engine/announced_shape.hpp"
#include "engine/layers/preprocessing/index_table.hpp"

namespace layerctl {

template <class Term>
class IndexLookup : public Layer, public AnnouncesShape, public OwnVariables {
protected:
    static constexpr bool of_strings = std::is_same_v<Term, std::string>;
    static constexpr DType term_dtype = of_strings ? DType::string : DType::int64;

    explicit IndexLookup(Term oov_token) { table.oov_token = std::move(oov_token); }

    IndexTable<Term> table;

    /// What one_hot and the modes like it yield in Keras 2.
    virtual DType encoded_dtype_keras2() const = 0;

private:
    Dialect dialect() const { return context().dialect; }
    DType read_dtype() const { return table.invert ? DType::int64 : term_dtype; }

    WeightSpecs weights(const Shapes&) const override { return table.weights(dialect(), encoded_dtype_keras2()); }

    NamedVariables own_variables(const Weights& w) const override {
        return table.own_variables(w, dialect() == Dialect::keras3 ? DType::float32 : encoded_dtype_keras2());
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        table.check();
        return {table.encoder(dialect()).shape(in[0])};
    }

    Shapes announced_output_shape(const Shapes& in, int keras_minor) const override {
        const Shapes made = compute_output_shape(in);
        return dialect() == Dialect::keras3 ? Shapes{table.announced_shape(in[0], keras_minor)} : made;
    }

    /// Numbers become integers; they do not turn into strings, nor strings into numbers.
    DType input_dtype(std::size_t, DType given) const override {
        return (given == DType::string) == (read_dtype() == DType::string) ? read_dtype() : given;
    }

    DTypes compute_output_dtype(const DTypes& in) const override {
        if (in[0] != read_dtype()) fail(Code::config, "wanted ", read_dtype(), " inputs, found ", in[0]);
        if (table.invert) return {term_dtype};
        if (table.output_mode == OutputMode::integer)
            return {dialect() == Dialect::keras3 ? DType::int64 : encoded_dtype(table.output_mode, compute_dtype())};
        if (dialect() != Dialect::keras3) return {encoded_dtype_keras2()};
        return {table.output_mode == OutputMode::tf_idf ? DType::float32 : DType::int64};
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        if (table.invert) {
            y[0] = tensor_of(x[0].shape(), table.terms_of(x[0].values<std::int64_t>()));
        } else {
            const Tensor indices = tensor_of(x[0].shape(), table.indices_of(terms(x[0])));
            table.encode(indices, w, dialect(), y[0]);
        }
    }

    static std::span<const Term> terms(const Tensor& x) {
        if constexpr (of_strings) return x.string_values();
        else return x.values<std::int64_t>();
    }

    static Tensor tensor_of(const Shape& shape, std::vector<std::string> texts) {
        return Tensor::strings(shape, std::move(texts));
    }
    static Tensor tensor_of(const Shape& shape, const std::vector<std::int64_t>& numbers) {
        return Tensor::from(shape, numbers);
    }
};

}  // namespace layerctl
