#include "tests/golden/round_trip.hpp"

#include <filesystem>
#include <optional>
#include <regex>

#include <nlohmann/json.hpp>

#include "tests/temporary_folder.hpp"

namespace layerctl::golden {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Difference = std::optional<std::string>;

/// What becomes of the text of the config.
enum class Text {
    same,
    with_modules,  // that an h5 file of Keras 3 leaves out
    another,
};

struct Format {
    const char* name;
    FileKind kind;
    std::optional<FileKind> weights;  // of the file beside an architecture
    Text text;
    bool in_tests;
    bool is_compiled;  // where the model was
};

constexpr Format formats[] = {
    {"h5", FileKind::h5, {}, Text::same, true, true},
    {"keras", FileKind::keras_archive, {}, Text::with_modules, true, true},
    {"json + weights.h5", FileKind::json, FileKind::object_weights, Text::with_modules, false, false},
    {"json + legacy h5", FileKind::json, FileKind::legacy_weights, Text::with_modules, false, false},
    {"json + npz", FileKind::json, FileKind::npz, Text::with_modules, false, false},
    {"json + safetensors", FileKind::json, FileKind::safetensors, Text::with_modules, false, false},
    {"tfjs", FileKind::tfjs, {}, Text::another, false, false},
};

struct Refusal {
    std::string reason;
};

/// Only what is refused while a model is written or translated is a refusal: what was written must be readable.
template <class Step>
auto refusable(const Step& step) {
    try {
        return step();
    } catch (const Error& error) {
        if (error.code() == Code::unsupported) throw Refusal{error.what()};
        throw;
    }
}

std::string without_modules(const std::string& config) {
    static const std::regex module(R"re(, "module": "keras\.(src\.ops\.\w+|src\.applications\.convnext|layers)")re");
    return std::regex_replace(config, module, "");
}

/// The vocabulary of a lookup layer lies beside a config of the source, and in that of the file written.
void empty_filled(const Json& before, Json& after) {
    if (before.is_array() && after.is_array() && before.size() == after.size())
        for (std::size_t i = 0; i < after.size(); ++i) empty_filled(before[i], after[i]);
    if (!before.is_object() || !after.is_object()) return;
    for (auto member = after.begin(); member != after.end(); ++member) {
        const auto original = before.find(member.key());
        if (original == before.end()) continue;
        const bool is_state = member.key() == "vocabulary" || member.key() == "idf_weights";
        if (is_state && original->is_null() && member->is_array()) *member = nullptr;
        else empty_filled(*original, *member);
    }
}

bool same_but_filled(const std::string& before, const std::string& after) {
    const Json source = Json::parse(before);
    Json written = Json::parse(after);
    empty_filled(source, written);
    return source == written;
}

Difference changed_text(const Model& written, const Model& read, Text wanted) {
    const std::string before = written.get_config(), after = read.get_config();
    if (wanted == Text::another || before == after) return std::nullopt;
    const std::string plain = wanted == Text::with_modules ? without_modules(after) : after;
    if (before == plain || same_but_filled(before, plain)) return std::nullopt;
    return "the text of the config changed";
}

class Traveller {
public:
    Traveller(const Case& c, const Model& model) : case_(c), model_(model), outputs_(model.predict(c.inputs)) {}

    template <class Way>
    RoundTrip taken(std::string name, const Way& way) const {
        try {
            const Difference text = way();
            return {std::move(name), text ? Outcome::different : Outcome::same, text.value_or("")};
        } catch (const Refusal& refusal) {
            return {std::move(name), Outcome::refused, folder_.without_path(refusal.reason)};
        } catch (const std::exception& error) {
            return {std::move(name), Outcome::different, folder_.without_path(error.what())};
        }
    }

    Difference there_and_back(const Format& format) const {
        const Model read = read_again(model_, format);
        if (auto text = changed_text(model_, read, format.text))
            if (!is_as_keras2(read, format)) return text;
        if (format.is_compiled && model_.is_compiled() && !read.is_compiled())
            return "the model is not compiled any more";
        return other_bits(read);
    }

    /// What is written of a model of Keras 1, unless its file is copied.
    bool is_as_keras2(const Model& read, const Format& format) const {
        return case_.name.starts_with("keras1_") && !changed_text(model_.translated(2), read, format.text);
    }

    Difference through_the_other_keras(const Format& format) const {
        const int own = case_.name.ends_with("_k3") || case_.name.ends_with("_k315") ? 3 : 2;
        std::vector<std::string> notes;
        const Model other = refusable([&] { return model_.translated(5 - own, &notes); });
        const Model read = read_again(other, format);
        if (auto text = changed_text(other, read, format.text)) return text;
        if (const auto text = other_bits(read)) return noted(notes, *text);
        const Model back = refusable([&] { return read.translated(own, &notes); });
        if (const auto text = other_bits(back)) return noted(notes, "back again: " + *text);
        return std::nullopt;
    }

private:
    Model read_again(const Model& model, const Format& format) const {
        const fs::path path = folder_.free("model");
        LoadOptions options{.weights = {}, .custom_objects = case_.custom_objects};
        refusable([&] { model.save(path, {.kind = format.kind}); });
        if (format.weights) {
            options.weights = folder_.free("weights");
            refusable([&] { model.save(options.weights, {.kind = format.weights}); });
        }
        return Model::load(path, options);
    }

    Difference other_bits(const Model& model) const {
        return difference(outputs_, model.predict(case_.inputs), Tolerance{});
    }

    /// Where a note says that a number may differ, it is no surprise.
    static Difference noted(const std::vector<std::string>& notes, const std::string& text) {
        if (!notes.empty()) throw Refusal{"with a note: " + notes.front()};
        return text;
    }

    const Case& case_;
    const Model& model_;
    Tensors outputs_;
    test::TemporaryFolder folder_;
};

}  // namespace

const char* outcome_name(Outcome outcome) {
    constexpr const char* names[] = {"same", "refused", "different"};
    return names[static_cast<int>(outcome)];
}

std::vector<RoundTrip> round_trips(const Case& c, const Model& model, Extent extent) {
    const Traveller traveller(c, model);
    std::vector<RoundTrip> trips;
    for (const Format& format : formats)
        if (extent == Extent::all || format.in_tests)
            trips.push_back(traveller.taken(format.name, [&] { return traveller.there_and_back(format); }));
    for (const Format& format : formats)
        if (extent == Extent::all || format.kind == FileKind::h5)
            trips.push_back(traveller.taken(cat(format.name, ", translated"),
                                            [&] { return traveller.through_the_other_keras(format); }));
    return trips;
}

}  // namespace layerctl::golden
