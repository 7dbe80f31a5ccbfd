#include "engine/layers/preprocessing/index_table.hpp"

#include <numeric>

namespace layerctl {
namespace {

std::int64_t oov_bucket(std::int64_t term, std::int64_t buckets, OovMethod method, const std::optional<Salt>& salt) {
    if (method == OovMethod::farmhash) return salted_bucket(std::to_string(term), buckets, salt);
    const std::int64_t rest = term % buckets;
    return rest < 0 ? rest + buckets : rest;
}

std::int64_t oov_bucket(const std::string& term, std::int64_t buckets, OovMethod, const std::optional<Salt>& salt) {
    return salted_bucket(term, buckets, salt);
}

}  // namespace

template <class Term>
void IndexTable<Term>::vocabulary_config(ConfigIo& io) {
    io.optional("max_tokens", max_tokens_,
                [](const auto& size) { return !size || *size > 1 ? nullptr : "greater than 1"; });
    io.optional("output_mode", output_mode);
    io.optional("pad_to_max_tokens", pad_to_max_tokens_);
    io.optional("vocabulary", vocabulary_);
    io.optional("idf_weights", idf_weights_);
    io.optional("vocabulary_size", vocabulary_size_);
    io.only("sparse", false);
}

template <class Term>
void IndexTable<Term>::lookup_config(ConfigIo& io) {
    vocabulary_config(io);
    io.optional("invert", invert);
    io.optional("num_oov_indices", num_oov_indices, not_negative);
    io.optional("mask_token", mask_token);
    io.optional("oov_token", oov_token);
    io.optional("oov_method", oov_method);
    io.optional("salt", salt);
}

template <class Term>
std::int64_t IndexTable<Term>::special_terms() const {
    const std::vector<Term>& terms = vocabulary_->terms;
    const std::int64_t start = token_start();
    if (static_cast<std::int64_t>(terms.size()) < start) return 0;
    for (std::int64_t i = 0; i < start; ++i)
        if (terms[static_cast<std::size_t>(i)] != (i < oov_start() ? mask_token : oov_token)) return 0;
    return start;
}

template <class Term>
std::int64_t IndexTable<Term>::size() const {
    return token_start() + static_cast<std::int64_t>(vocabulary_->terms.size()) - special_terms();
}

template <class Term>
void IndexTable<Term>::check() const {
    if (!vocabulary_)
        fail(Code::unsupported,
             "has no vocabulary: the config holds none, and what adapt() learned is not in this file");
    if (invert && output_mode != OutputMode::integer) fail(Code::config, "output_mode must be int as invert is true");
    if (invert && !oov_token) fail(Code::config, "wanted an oov_token as invert is true, found null");
    if (pad_to_max_tokens_ && !max_tokens_) fail(Code::config, "wanted max_tokens as pad_to_max_tokens is true");
    if (std::is_same_v<Term, std::int64_t> && salt && oov_method != OovMethod::farmhash)
        fail(Code::config, "wanted oov_method farmhash as there is a salt");
    check_terms();
    check_idf_weights();
    if (max_tokens_ && size() > *max_tokens_)
        fail(Code::config, "wanted a vocabulary of ", *max_tokens_, " terms at most, found ", size());
    if (vocabulary_size_ && output_mode != OutputMode::integer && !pad_to_max_tokens_ && size() != *vocabulary_size_)
        fail(Code::config, "wanted a vocabulary of ", *vocabulary_size_, " terms, found ", size());
}

template <class Term>
void IndexTable<Term>::check_terms() const {
    const std::vector<Term>& terms = vocabulary_->terms;
    if (terms.empty()) fail(Code::config, "wanted a vocabulary, found an empty one");
    const auto special = static_cast<std::size_t>(special_terms());
    const auto is_term = [&](const std::optional<Term>& token) {
        const auto found = token ? vocabulary_->places.find(*token) : vocabulary_->places.end();
        return found != vocabulary_->places.end() && found->second >= special;
    };
    for (std::size_t i = special; i < terms.size(); ++i)
        if (vocabulary_->places.at(terms[i]) != i)
            fail(Code::config, "wanted a vocabulary of different terms, found ", excerpt(Value(terms[i])), " twice");
    if (is_term(mask_token) || (invert && is_term(oov_token)))
        fail(Code::config, "wanted mask_token and oov_token at the start of the vocabulary or not in it");
}

template <class Term>
void IndexTable<Term>::check_idf_weights() const {
    if (idf_weights_.has_value() != (output_mode == OutputMode::tf_idf))
        fail(Code::config, "wanted idf_weights in output_mode tf_idf and in no other");
    if (idf_weights_ && idf_weights_->size() != vocabulary_->terms.size())
        fail(Code::config, "wanted ", vocabulary_->terms.size(), " idf_weights, one for each term, found ",
             idf_weights_->size());
}

template <class Term>
CategoryEncoder IndexTable<Term>::encoder(Dialect dialect) const {
    return {output_mode, pad_to_max_tokens_ ? *max_tokens_ : size(), dialect};
}

template <class Term>
Shape IndexTable<Term>::announced_shape(const Shape& in, int keras_minor) const {
    const CategoryEncoder made = encoder(Dialect::keras3);
    if (output_mode == OutputMode::integer) return in;
    if (keras_minor < 14) return {in[0], made.depth};
    return output_mode == OutputMode::one_hot ? made.shape(in) : in.with_back(made.depth);
}

template <class Term>
WeightSpecs IndexTable<Term>::weights(Dialect dialect, DType dtype) const {
    if (dialect == Dialect::keras3 || output_mode != OutputMode::tf_idf) return {};
    return {{"Variable", {Shape::unknown}, Initializer::zeros(), false, dtype}};
}

template <class Term>
NamedVariables IndexTable<Term>::own_variables(const Weights& w, DType dtype) const {
    if (output_mode != OutputMode::tf_idf) return {};
    return {{"idf_weights", idf(w, dtype)}};
}

template <class Term>
std::int64_t IndexTable<Term>::oov_index(const Term& term) const {
    if (num_oov_indices == 0)
        fail(Code::input, "wanted terms of the vocabulary as num_oov_indices is 0, found ", excerpt(Value(term)));
    return oov_start() + (num_oov_indices == 1 ? 0 : oov_bucket(term, num_oov_indices, oov_method, salt));
}

template <class Term>
std::vector<std::int64_t> IndexTable<Term>::indices_of(std::span<const Term> terms) const {
    const std::int64_t special = special_terms();
    const std::int64_t masked = output_mode == OutputMode::integer ? 0 : no_category;
    std::vector<std::int64_t> indices;
    indices.reserve(terms.size());
    for (const Term& term : terms) {
        const auto found = vocabulary_->places.find(term);
        const std::int64_t place =
            found == vocabulary_->places.end() ? no_category : static_cast<std::int64_t>(found->second);
        if (term == mask_token) indices.push_back(masked);
        else if (place >= special) indices.push_back(token_start() + place - special);
        else indices.push_back(oov_index(term));
    }
    return indices;
}

template <class Term>
std::vector<Term> IndexTable<Term>::terms_of(std::span<const std::int64_t> indices) const {
    const std::int64_t special = special_terms(), start = token_start(), end = size();
    std::vector<Term> terms;
    terms.reserve(indices.size());
    for (const std::int64_t index : indices) {
        if (mask_token && index == 0) terms.push_back(*mask_token);
        else if (index < start || index >= end) terms.push_back(*oov_token);
        else terms.push_back(vocabulary_->terms[static_cast<std::size_t>(index - start + special)]);
    }
    return terms;
}

/// From the file where Keras 2 stores them, else from the config: terms out of the vocabulary weigh the average,
/// unless the config lists them, too.
template <class Term>
Tensor IndexTable<Term>::idf(const Weights& w, DType dtype) const {
    const auto depth = static_cast<std::size_t>(encoder(Dialect::keras3).depth);
    if (!w.empty() && w.tensor(0).elements() > 0) {
        if (w.tensor(0).elements() != depth)
            fail(Code::weights, "wanted ", depth, " idf weights, found ", w.tensor(0).elements());
        return w.tensor(0).cast(dtype);
    }
    const double sum = std::accumulate(idf_weights_->begin(), idf_weights_->end(), 0.0);
    std::vector<double> weights(static_cast<std::size_t>(token_start() - special_terms()),
                                sum / static_cast<double>(idf_weights_->size()));
    weights.insert(weights.end(), idf_weights_->begin(), idf_weights_->end());
    weights.resize(depth, 0.0);
    return Tensor::from({static_cast<std::int64_t>(depth)}, weights).cast(dtype);
}

template <class Term>
void IndexTable<Term>::encode(const Tensor& indices, const Weights& w, Dialect dialect, Tensor& y) const {
    encoder(dialect).encode(indices, output_mode == OutputMode::tf_idf ? idf(w, y.dtype()) : Tensor(), y);
}

template class IndexTable<std::int64_t>;
template class IndexTable<std::string>;

}  // namespace layerctl
