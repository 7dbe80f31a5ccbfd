// TextVectorization: texts standardized, split into words, perhaps joined to n-grams, and looked up in a vocabulary.
#include <algorithm>

#include "engine/announced_shape.hpp"
#include "engine/layers/preprocessing/index_table.hpp"
#include "engine/ops/text.hpp"

namespace layerctl {
namespace {

enum class Standardize { lower_and_strip_punctuation, lower, strip_punctuation };
constexpr EnumName<Standardize> standardize_names[] = {
    {Standardize::lower_and_strip_punctuation, "lower_and_strip_punctuation"},
    {Standardize::lower, "lower"},
    {Standardize::strip_punctuation, "strip_punctuation"},
};

enum class Split { whitespace, character };
constexpr EnumName<Split> split_names[] = {{Split::whitespace, "whitespace"}, {Split::character, "character"}};

/// `ngrams`: null, the greatest width or a list of widths.
struct Ngrams {
    std::optional<std::vector<std::int64_t>> widths;
    Value source;
};

/// A choice of Keras' or a function of the model's author, which is code.
template <class E, const auto& names>
struct NameOrFunction : ConfigEnum<E, names> {
    static bool read(const Value& value, E& out, Dialect dialect) {
        if (value.object() != nullptr) fail(Code::unsupported, "a function of its own, found ", excerpt(value));
        return ConfigEnum<E, names>::read(value, out, dialect);
    }
};

}  // namespace

template <>
struct ConfigField<Standardize> : NameOrFunction<Standardize, standardize_names> {};
template <>
struct ConfigField<Split> : NameOrFunction<Split, split_names> {};

template <>
struct ConfigField<Ngrams> {
    static std::string wanted(const Ngrams&) { return "an integer or a list of positive integers"; }
    static bool read(const Value& value, Ngrams& out, Dialect dialect) {
        out = {std::nullopt, value};
        if (value.is_null()) return true;
        std::vector<std::int64_t>& widths = out.widths.emplace();
        if (const std::int64_t* greatest = value.integer()) {
            if (*greatest > most_widths) fail(Code::refused, "more than ", most_widths, " widths, found ", *greatest);
            for (std::int64_t width = 1; width <= *greatest; ++width) widths.push_back(width);
            return true;
        }
        return ConfigField<std::vector<std::int64_t>>::read(value, widths, dialect) && positive(widths) == nullptr;
    }
    static Value write(const Ngrams& ngrams) { return ngrams.source; }

private:
    static constexpr std::int64_t most_widths = 1000;
};

namespace {

class TextVectorization final : public Layer, public AnnouncesShape, public OwnVariables {
    IndexTable<std::string> table;
    std::optional<Standardize> standardize = Standardize::lower_and_strip_punctuation;
    std::optional<Split> split = Split::whitespace;
    Ngrams ngrams;
    std::optional<std::int64_t> output_sequence_length;

    void config(ConfigIo& io) override {
        table.mask_token = "";
        table.oov_token = "[UNK]";
        table.vocabulary_config(io);
        io.optional("standardize", standardize);
        io.optional("split", split);
        io.optional("ngrams", ngrams);
        io.optional("output_sequence_length", output_sequence_length,
                    [](const auto& length) { return !length || *length >= 0 ? nullptr : "zero or more"; });
        io.only("ragged", false);
        io.ignored("encoding");
    }

    bool is_keras3() const { return context().dialect == Dialect::keras3; }
    bool yields_indices() const { return table.output_mode == OutputMode::integer; }

    WeightSpecs weights(const Shapes&) const override { return table.weights(context().dialect, DType::float32); }

    /// The StringLookup inside stores them once more.
    NamedVariables own_variables(const Weights& w) const override {
        NamedVariables variables = table.own_variables(w, DType::float32);
        if (!variables.empty()) variables.emplace_back("_lookup_layer/" + variables[0].first, variables[0].second);
        return variables;
    }

    /// The axes before that of the words.
    Shape outer(const Shape& in) const { return split && in.rank() == 1 ? in : in.slice(0, in.rank() - 1); }

    static Shape joined(const Shape& outer, std::int64_t last) {
        std::vector<std::int64_t> dims = outer.dims();
        dims.push_back(last);
        return Shape(std::move(dims));
    }

    /// How many words there are, or n-grams of them: known where texts are not taken apart.
    std::int64_t words(const Shape& in) const {
        if (split || in.back() == Shape::unknown || !ngrams.widths) return split ? Shape::unknown : in.back();
        std::int64_t count = 0;
        for (const std::int64_t width : *ngrams.widths) count += std::max<std::int64_t>(in.back() - width + 1, 0);
        return count;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        table.check();
        if (output_sequence_length && !yields_indices())
            fail(Code::config, "wanted no output_sequence_length as output_mode is not int");
        require(in[0].rank() > 0, "input must have a rank of 1 or more, found shape ", in[0]);
        require(!split || in[0].rank() == 1 || in[0].back() == 1,
                "wanted texts of rank 1 or with a last axis of 1, found shape ", in[0]);
        const Shape indices = joined(outer(in[0]), output_sequence_length.value_or(words(in[0])));
        if (yields_indices()) return {indices};
        if (split && (table.output_mode == OutputMode::one_hot || outer(in[0]).rank() > 1))
            fail(Code::unsupported,
                 "a ragged result: texts of different lengths in output_mode one_hot or with axes "
                 "of their own");
        return {table.encoder(context().dialect).shape(indices)};
    }

    /// Keras 3 looks at no axis before that of the words, Keras 2 sees through neither n-grams nor a cut to a length.
    Shapes announced_output_shape(const Shapes& in, int keras_minor) const override {
        const Shapes made = compute_output_shape(in);
        if (!is_keras3() && yields_indices() && !split && output_sequence_length) return {all_unknown(in[0].rank())};
        if (!is_keras3() && yields_indices() && !split && ngrams.widths) return {in[0].with_back(Shape::unknown)};
        if (!is_keras3()) return made;
        if (yields_indices()) return {{in[0][0], output_sequence_length.value_or(Shape::unknown)}};
        const Shape tokens = split ? joined(in[0], Shape::unknown) : in[0].rank() == 1 ? joined(in[0], 1) : in[0];
        return {table.announced_shape(tokens, keras_minor)};
    }

    static Shape all_unknown(std::size_t rank) { return Shape(std::vector<std::int64_t>(rank, Shape::unknown)); }

    DType input_dtype(std::size_t, DType given) const override { return given; }

    DTypes compute_output_dtype(const DTypes& in) const override {
        if (in[0] != DType::string) fail(Code::config, "wanted strings, found ", in[0]);
        const bool floats = table.output_mode == OutputMode::tf_idf || (!yields_indices() && !is_keras3());
        return {floats ? DType::float32 : DType::int64};
    }

    std::string standardized(std::string text) const {
        if (standardize && *standardize != Standardize::strip_punctuation) text = ops::lower(std::move(text));
        if (standardize && *standardize != Standardize::lower) text = ops::strip_punctuation(std::move(text));
        return text;
    }

    /// The words of every text, or the texts along the last axis.
    std::vector<ops::Words> tokens(const Tensor& x) const {
        std::vector<ops::Words> rows;
        const std::size_t length = split || x.shape().back() == 0 ? 1 : static_cast<std::size_t>(x.shape().back());
        for (std::size_t i = 0; i < x.elements(); ++i) {
            const std::string text = standardized(x.string_values()[i]);
            if (split == Split::whitespace) rows.push_back(ops::split_whitespace(text));
            else if (split == Split::character) rows.push_back(ops::split_characters(text, noncharacters()));
            else if (i % length == 0) rows.push_back({text});
            else rows.back().push_back(text);
        }
        if (ngrams.widths)
            for (ops::Words& row : rows) row = ops::ngrams(row, *ngrams.widths);
        return rows;
    }

    ops::Noncharacters noncharacters() const {
        return is_keras3() ? ops::Noncharacters::kept : ops::Noncharacters::replaced;
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        const std::vector<ops::Words> rows = tokens(x[0]);
        auto longest = static_cast<std::size_t>(split ? 0 : words(x[0].shape()));
        for (const ops::Words& row : rows) longest = std::max(longest, row.size());
        const auto length =
            static_cast<std::size_t>(output_sequence_length.value_or(static_cast<std::int64_t>(longest)));
        Tensor indices(DType::int64, joined(outer(x[0].shape()), static_cast<std::int64_t>(length)));
        const auto to = indices.mutable_values<std::int64_t>();
        std::fill(to.begin(), to.end(), yields_indices() ? 0 : no_category);
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const std::vector<std::int64_t> found = table.indices_of(rows[row]);
            std::copy_n(found.begin(), std::min(length, found.size()),
                        to.begin() + static_cast<std::ptrdiff_t>(row * length));
        }
        if (yields_indices()) y[0] = std::move(indices);
        else table.encode(indices, w, context().dialect, y[0]);
    }
};

LAYERCTL_REGISTER_LAYER(TextVectorization);

}  // namespace
}  // namespace layerctl
