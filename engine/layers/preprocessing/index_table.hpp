// Vocabulary terms to indices and back, with places for a masked term and for terms out of the vocabulary: what
// IntegerLookup, StringLookup and TextVectorization share.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/layer.hpp"
#include "engine/layers/preprocessing/category_encoder.hpp"
#include "engine/layers/preprocessing/salt.hpp"
#include "engine/own_variables.hpp"

namespace layerctl {

/// The terms as the config lists them, and where each stands (the last place of one that is listed twice).
template <class Term>
struct Vocabulary {
    std::vector<Term> terms;
    std::unordered_map<Term, std::size_t> places;
};

template <class Term>
struct ConfigField<Vocabulary<Term>> {
    static std::string wanted(const Vocabulary<Term>&) { return ConfigField<std::vector<Term>>::wanted({}); }
    static bool read(const Value& value, Vocabulary<Term>& out, Dialect dialect) {
        if (value.string() != nullptr)
            fail(Code::unsupported, "wanted the terms themselves, found the name of a file, ", excerpt(value));
        if (!ConfigField<std::vector<Term>>::read(value, out.terms, dialect)) return false;
        out.places.clear();
        for (std::size_t i = 0; i < out.terms.size(); ++i) out.places.insert_or_assign(out.terms[i], i);
        return true;
    }
    static Value write(const Vocabulary<Term>& vocabulary) {
        return ConfigField<std::vector<Term>>::write(vocabulary.terms);
    }
};

/// How integers out of the vocabulary share several indices: by remainder, or hashed as strings are.
enum class OovMethod { floormod, farmhash };

inline constexpr EnumName<OovMethod> oov_method_names[] = {
    {OovMethod::floormod, "floormod"},
    {OovMethod::farmhash, "farmhash"},
};
template <>
struct ConfigField<OovMethod> : ConfigEnum<OovMethod, oov_method_names> {};

/// `Term` is std::int64_t or std::string. Indices begin with the mask (in integer mode, if there is one), then come
/// those for terms out of the vocabulary (oov), then the terms.
template <class Term>
class IndexTable {
public:
    std::optional<Term> mask_token, oov_token;
    std::int64_t num_oov_indices = 1;
    OovMethod oov_method = OovMethod::floormod;
    std::optional<Salt> salt;
    bool invert = false;
    OutputMode output_mode = OutputMode::integer;

    /// The keys that TextVectorization has, too.
    void vocabulary_config(ConfigIo& io);

    /// The others.
    void lookup_config(ConfigIo& io);

    /// Throws unless the keys fit each other and the vocabulary, as Keras demands: Code::config, or Code::unsupported
    /// where the config holds no vocabulary.
    void check() const;

    /// Lays indices out over the whole vocabulary, or over max_tokens.
    CategoryEncoder encoder(Dialect dialect) const;

    /// What Keras 3 announces as the shape of encoded indices of shape `in`: before 3.14 always two axes, then as if
    /// counts took the place of the last axis.
    Shape announced_shape(const Shape& in, int keras_minor) const;

    /// The variable Keras 2 keeps for tf_idf; Keras 3 counts it among no weights.
    WeightSpecs weights(Dialect dialect, DType dtype) const;

    /// Document frequencies, one for each index, under the name that archives have for them; none but in tf_idf.
    NamedVariables own_variables(const Weights& w, DType dtype) const;

    /// The index of each term; no_category for a mask in other modes than integer. A term that is out of the
    /// vocabulary and has no index is Code::input.
    std::vector<std::int64_t> indices_of(std::span<const Term> terms) const;

    /// The term of each index: the inverse.
    std::vector<Term> terms_of(std::span<const std::int64_t> indices) const;

    /// Indices as the layer's output.
    void encode(const Tensor& indices, const Weights& w, Dialect dialect, Tensor& y) const;

private:
    std::int64_t oov_start() const { return mask_token && output_mode == OutputMode::integer ? 1 : 0; }
    std::int64_t token_start() const { return oov_start() + num_oov_indices; }

    /// How many of the listed terms are the mask and oov tokens, which may stand at the beginning.
    std::int64_t special_terms() const;
    std::int64_t size() const;
    std::int64_t oov_index(const Term& term) const;
    void check_terms() const;
    void check_idf_weights() const;
    Tensor idf(const Weights& w, DType dtype) const;

    std::optional<Vocabulary<Term>> vocabulary_;
    std::optional<std::vector<double>> idf_weights_;
    std::optional<std::int64_t> max_tokens_, vocabulary_size_;
    bool pad_to_max_tokens_ = false;
};

}  // namespace layerctl
