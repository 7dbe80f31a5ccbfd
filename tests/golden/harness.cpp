#include "tests/golden/harness.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include <nlohmann/json.hpp>

#include "api/arrays.hpp"
#include "api/layerctl.hpp"
#include "engine/plan/plan.hpp"
#include "tests/golden/case.hpp"
#include "tests/golden/same_h5.hpp"

namespace layerctl::golden {
namespace {

namespace fs = std::filesystem;
using Difference = std::optional<std::string>;

constexpr Tolerance exact{};

Tensors tensors_of(const std::vector<NamedTensor>& weights) {
    Tensors tensors;
    for (const NamedTensor& weight : weights) tensors.push_back(weight.tensor);
    return tensors;
}

std::vector<fs::path> existing(const Case& c, std::initializer_list<const char*> names) {
    std::vector<fs::path> paths;
    for (const char* name : names)
        if (c.has(name)) paths.push_back(c.path(name));
    return paths;
}

LoadOptions load_options(const Case& c) {
    return {.weights = c.weights, .graft = c.graft, .custom_objects = c.custom_objects};
}

Difference check_outputs(const Case& c, const Model& model) {
    return difference(c.outputs, model.predict(c.inputs), c.tolerance);
}

// Keras runs models declared for a batch of one on any batch.
bool same_but_for_batch(const Shape& declared, const Shape& real) {
    if (declared.rank() == 0 || real.rank() == 0) return declared == real;
    return declared.with_front(Shape::unknown).is_compatible_with(real);
}

// These layers of Keras 3 may announce a shape that they do not return; what they announce is in the summary.
bool announces_another_shape(const Case& c) {
    if (c.name.ends_with("_k2")) return false;
    constexpr std::array names = {"CategoryEncoding", "Discretization", "Hashing",          "IntegerLookup",
                                  "MelSpectrogram",   "StringLookup",   "TextVectorization"};
    return std::any_of(names.begin(), names.end(), [&](const char* name) {
        return std::count(c.layer_classes.begin(), c.layer_classes.end(), name) > 0;
    });
}

Difference check_ports(const Case& c, const Model& model) {
    if (model.inputs().size() != c.inputs.size())
        return cat("wanted ", c.inputs.size(), " inputs, found ", model.inputs().size());
    const auto outputs = model.outputs();
    if (outputs.size() != c.outputs.size()) return cat("wanted ", c.outputs.size(), " outputs, found ", outputs.size());
    if (announces_another_shape(c)) return std::nullopt;
    for (std::size_t i = 0; i < outputs.size(); ++i)
        if (!outputs[i].shape || !same_but_for_batch(*outputs[i].shape, c.outputs[i].shape()))
            return cat("output ", i, " wanted a shape like ", c.outputs[i].shape(), ", found ",
                       outputs[i].shape ? outputs[i].shape->text() : "none");
    return std::nullopt;
}

// Also the second call of stateful models, and a second run in the same buffers of the others.
Difference check_context(const Case& c, const Model& model) {
    Context context = model.context();
    const Tensors first = context.predict(c.inputs), second = context.predict(c.inputs);
    if (!c.second_call.empty()) return difference(c.second_call, second, c.tolerance);
    return difference(first, second, exact);
}

// By each layer's own arithmetic, and without each pass of the fast engine.
Difference check_engines(const Case& c, const Model& model) {
    const auto differs = [&](const RunOptions& options) {
        return difference(c.outputs, model.context(options).predict(c.inputs), c.tolerance);
    };
    if (const auto text = differs({.reference = true})) return cat("of the reference: ", *text);
    if (const auto text = differs({.exact = true})) return cat("exact: ", *text);
    for (const std::string_view pass : pass_names())
        if (const auto text = differs({.without_passes = {std::string(pass)}}))
            return cat("without ", pass, ": ", *text);
    return std::nullopt;
}

// Run twice on inputs that were bound once.
Difference check_bound(const Case& c, const Model& model) {
    Context context = model.context();
    context.bind(c.inputs);
    const Tensors first = context.run(), second = context.run();
    if (const auto text = difference(model.predict(c.inputs), first, exact)) return text;
    if (!c.second_call.empty()) return difference(c.second_call, second, c.tolerance);
    return difference(first, second, exact);
}

Difference check_states(const Case& c, const Model& model) {
    if (c.states.empty()) return std::nullopt;
    std::vector<LayerState> given;
    for (const StatePair& state : c.states) given.push_back({state.layer, state.before});
    Context context = model.context();
    context.set_states(given);
    if (const auto text = difference(c.call_with_states, context.predict(c.inputs), c.tolerance)) return text;
    const std::vector<LayerState> kept = context.states();
    if (kept.size() != c.states.size()) return cat("wanted ", c.states.size(), " layers, found ", kept.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (kept[i].layer != c.states[i].layer) return cat("wanted ", c.states[i].layer, ", found ", kept[i].layer);
        if (const auto text = difference(c.states[i].after, kept[i].tensors, c.tolerance))
            return cat(kept[i].layer, " ", *text);
    }
    return std::nullopt;
}

std::int64_t rows(const Tensors& tensors) {
    const auto count = [](const Tensor& t) { return t.shape().rank() == 0 ? -1 : t.shape().front(); };
    for (const Tensor& tensor : tensors)
        if (count(tensor) != count(tensors.front())) return -1;
    return tensors.empty() ? -1 : count(tensors.front());
}

Tensors slice(const Tensors& tensors, std::int64_t first, std::int64_t last) {
    Tensors slices;
    for (const Tensor& tensor : tensors) slices.push_back(tensor.rows(first, last));
    return slices;
}

bool has_rows(const Case& c) { return c.any_batch && rows(c.inputs) > 0 && rows(c.inputs) == rows(c.outputs); }

// Where the first axis is time, rows depend on each other.
bool is_time_major(const Model& model) { return model.get_config().find("\"time_major\": true") != std::string::npos; }

// Where texts are padded to the longest of the batch, a row alone may be shorter.
bool pads_to_longest(const Case& c, const Model& model) {
    const auto is_open = [](const TensorInfo& output) {
        return !output.shape->slice(1, output.shape->rank()).is_known();
    };
    const auto outputs = model.outputs();
    return std::count(c.layer_classes.begin(), c.layer_classes.end(), "TextVectorization") > 0 &&
           std::any_of(outputs.begin(), outputs.end(), is_open);
}

Difference check_row_by_row(const Case& c, const Model& model) {
    if (!has_rows(c) || is_time_major(model) || pads_to_longest(c, model) || !c.second_call.empty() ||
        !c.dependent_rows.empty())
        return std::nullopt;
    for (std::int64_t row = 0; row < rows(c.inputs); ++row) {
        const Tensors found = model.predict(slice(c.inputs, row, row + 1));
        if (const auto text = difference(slice(c.outputs, row, row + 1), found, c.tolerance))
            return cat("row ", row, " ", *text);
    }
    return std::nullopt;
}

Difference check_no_rows(const Case& c, const Model& model) {
    if (!has_rows(c) || pads_to_longest(c, model) || is_time_major(model) || !c.second_call.empty())
        return std::nullopt;
    return difference(slice(c.outputs, 0, 0), model.predict(slice(c.inputs, 0, 0)), c.tolerance);
}

Difference check_weights(const Case& c, const Model& model) {
    const Model copy = model.set_weights(tensors_of(model.get_weights()));
    return difference(model.predict(c.inputs), copy.predict(c.inputs), exact);
}

Difference check_bytes(const Case& c, const Model& model) {
    if (fs::is_directory(c.path(c.model))) return std::nullopt;
    const std::string bytes = read_text(c.path(c.model));
    const Model same = Model::load_bytes(std::as_bytes(std::span(bytes)), load_options(c));
    return difference(model.predict(c.inputs), same.predict(c.inputs), exact);
}

std::string line(const std::string& text, std::size_t number) {
    std::size_t begin = 0;
    while (number-- > 0 && begin != std::string::npos) begin = text.find('\n', begin) + 1;
    return text.substr(begin, text.find('\n', begin) - begin);
}

Difference text_difference(const std::string& wanted, const std::string& found) {
    if (wanted == found) return std::nullopt;
    const auto at = std::mismatch(wanted.begin(), wanted.end(), found.begin(), found.end()).first;
    const auto number = static_cast<std::size_t>(std::count(wanted.begin(), at, '\n'));
    return cat("line ", number + 1, " wanted \"", line(wanted, number), "\", found \"", line(found, number), '"');
}

struct RecordedSummary {
    const char* file;
    SummaryOptions options;
};

Difference check_summary(const Case& c, const Model& model) {
    if (c.model == "architecture.json") return std::nullopt;  // summary.txt shows the subclassed model it stands for
    const RecordedSummary recorded[] = {
        {"summary.txt", {}},
        {"summary_expand_nested.txt", {.expand_nested = true}},
        {"summary_show_trainable.txt", {.show_trainable = true}},
        {"summary_expand_trainable.txt", {.expand_nested = true, .show_trainable = true}},
        {"summary_len120.txt", {.width = 120}},
    };
    for (const RecordedSummary& summary : recorded)
        if (c.has(summary.file))
            if (const auto text = text_difference(read_text(c.path(summary.file)), model.summary(summary.options)))
                return cat(summary.file, " ", *text);
    return std::nullopt;
}

// The config must be a slice of the file's own text: what is left without it is an envelope around nothing.
Difference check_config(const Case& c, const Model& model) {
    const fs::path path = c.path(c.model);
    std::optional<std::string> envelope;
    if (c.model == "model.h5") envelope = model_config_attribute(path);
    if (c.model == "model.keras") envelope = config_member(path);
    if (!envelope) return std::nullopt;
    const std::string config = model.get_config();
    const std::size_t at = envelope->find(config);
    if (config.empty() || at == std::string::npos) return "is not the text of the file: " + config.substr(0, 60);
    const auto rest = nlohmann::json::parse(std::string(*envelope).replace(at, config.size(), "0"), nullptr, false);
    if (rest.is_discarded() || rest.value("config", nlohmann::json()) != 0) return "is not the whole config";
    return std::nullopt;
}

// `model.json` with the weights of another file must be the same model.
Difference check_architecture(const Case& c, const Model&) {
    if (!c.has("model.json") || c.model != "model.h5") return std::nullopt;
    for (const fs::path& weights : existing(c, {"model.h5", "legacy_weights.h5"})) {
        LoadOptions options = load_options(c);
        options.weights = weights;
        const Model model = Model::load(c.path("model.json"), options);
        if (const auto text = check_outputs(c, model)) return cat("with ", weights.filename().string(), " ", *text);
    }
    return std::nullopt;
}

Difference check_round_trips(const Case& c, const Model& model) {
    for (const RoundTrip& trip : round_trips(c, model, Extent::tests))
        if (trip.outcome == Outcome::different) return cat(trip.way, ": ", trip.reason);
    return std::nullopt;
}

// What is not made of operations that Keras records, or not translated, keeps its Lambda layers.
template <class Step>
std::optional<Model> if_supported(const Step& step) {
    try {
        return step();
    } catch (const Error& error) {
        if (error.code() != Code::unsupported) throw;
        return std::nullopt;
    }
}

Difference check_expanded(const Case& c, const Model& model) {
    if (std::count(c.layer_classes.begin(), c.layer_classes.end(), "Lambda") == 0) return std::nullopt;
    const auto expanded = if_supported([&] { return model.with_lambdas_expanded(); });
    if (!expanded) return std::nullopt;
    if (expanded->get_config().find("\"Lambda\"") != std::string::npos) return "a Lambda layer is left";
    if (const auto text = check_outputs(c, *expanded)) return text;
    const std::string bytes = expanded->save_bytes(FileKind::h5);
    if (const auto text = check_outputs(c, Model::load_bytes(std::as_bytes(std::span(bytes))))) return *text + ", saved";
    const auto other = if_supported([&] { return expanded->translated(3); });
    return other ? check_outputs(c, *other) : std::nullopt;
}

// As the kind of file it came from, with its own weights, everything in that file must be there again, with the same
// bytes.
Difference check_copied(const Case& c, const Model& model) {
    const bool is_archive = c.model == "model.keras";
    if ((!is_archive && c.model != "model.h5") || !c.weights.empty()) return std::nullopt;
    const std::string wanted = read_text(c.path(c.model));
    if (!is_archive) return h5_difference(wanted, model.save_bytes(FileKind::h5));
    const auto members = members_of(wanted), copies = members_of(model.save_bytes(FileKind::keras_archive));
    if (members.size() != copies.size()) return cat("wanted ", members.size(), " members, found ", copies.size());
    for (const auto& [name, bytes] : members) {
        const auto copy = copies.find(name);
        if (copy == copies.end()) return "no member " + name;
        if (name.ends_with(".h5")) {
            if (const auto text = h5_difference(bytes, copy->second)) return cat(name, ' ', *text);
        } else if (bytes != copy->second) {
            return name + " changed";
        }
    }
    return std::nullopt;
}

Difference check_description(const Case& c, const Model&) {
    const Model model = Model::describe(c.path(c.model), load_options(c));
    if (!model.problems().empty()) return cat("a loadable model has a problem: ", model.problems().front().what());
    if (!nlohmann::json::accept(model.summary_json())) return "summary_json is not JSON";
    return std::nullopt;
}

struct Check {
    const char* name;
    Difference (*run)(const Case&, const Model&);
};

constexpr Check checks[] = {
    {"ports", check_ports},
    {"outputs", check_outputs},
    {"row by row", check_row_by_row},
    {"no rows", check_no_rows},
    {"context", check_context},
    {"engines", check_engines},
    {"bound", check_bound},
    {"states", check_states},
    {"weights", check_weights},
    {"bytes", check_bytes},
    {"config", check_config},
    {"architecture", check_architecture},
    {"round trips", check_round_trips},
    {"copied", check_copied},
    {"Lambda layers expanded", check_expanded},
    {"description", check_description},
    {"summary", check_summary},
};

// Runs one step; false and a verdict if it did not end as Keras did.
bool passes(Result& result, const char* name, const std::function<Difference()>& step) {
    try {
        const Difference text = step();
        if (!text) return true;
        result.status = Status::fail;
        result.reason = cat(name, ": ", *text);
    } catch (const Error& error) {
        result.status = error.code() == Code::unsupported ? Status::unsupported : Status::fail;
        result.reason = cat(name, ": ", code_name(error.code()), ": ", error.what());
    } catch (const std::exception& error) {
        result.status = Status::fail;
        result.reason = cat(name, ": ", error.what());
    }
    return false;
}

Model load_model(const Case& c) {
    if (c.model.empty()) fail(Code::unsupported, "a subclassed model: there is no architecture in any file");
    return Model::load(c.path(c.model), load_options(c));
}

void run_good(const Case& c, Result& result) {
    std::optional<Model> model;
    const auto load = [&]() -> Difference {
        model = load_model(c);
        return std::nullopt;
    };
    if (!passes(result, "load", load)) return;
    for (const Check& check : checks)
        if (!passes(result, check.name, [&] { return check.run(c, *model); })) return;
    if (!c.dependent_rows.empty()) result.reason = cat("not row by row: ", c.dependent_rows);
    if (!c.no_summary.empty()) result.reason = cat("no summary: ", c.no_summary);
}

// Nobody can read the file, as Keras cannot or there is no architecture in it, or what it computes is not supported.
void run_refused(const Case& c, const std::string& refusal, Result& result) {
    const bool keras_reads_it = c.reload == "ok" && c.model != "savedmodel";  // that runs without an architecture
    const auto load = [&]() -> Difference {
        if (keras_reads_it) return cat("Keras reloads the file: it does not have to be refused");
        try {
            check_outputs(c, Model::load(c.path(c.model), load_options(c)));
        } catch (const Error& error) {
            if (error.code() != Code::internal && std::string(error.what()).find(refusal) != std::string::npos)
                return std::nullopt;
            throw;
        }
        return "wanted an error, found none";
    };
    if (passes(result, "refused", load)) result.reason = cat("must be refused: ", refusal);
}

// An array is held against the model the corpus made it for. What came of it is empty if it is a model.
Tensors use_malformed(const Case& c) {
    const fs::path path = c.path(c.model);
    if (path.extension() != ".npy") {
        Model::load(path);
        return {};
    }
    const Tensors inputs = tensors_of(load_arrays(path));
    return Model::load(c.folder / "../../formats/all_mlp_k2/model.h5").predict(inputs);
}

// This must throw an Error, and it must not be layerctl's own fault.
Difference refused(const Case& c) {
    try {
        use_malformed(c);
    } catch (const Error& error) {
        if (error.code() == Code::internal) throw;
        return std::nullopt;
    }
    return "wanted an error, found none";
}

Difference accepted(const Case& c) {
    use_malformed(c);
    return std::nullopt;
}

// Where the case leaves a choice: the other thing than an error, exactly.
Difference acceptable(const Case& c) {
    if (c.acceptable == "loads") return check_outputs(c, Model::load(c.path(c.model)));
    const Tensors outputs = use_malformed(c);
    return rows(outputs) == 0 ? std::nullopt : Difference("wanted outputs without rows");
}

Difference check_malformed(const Case& c) {
    if (!c.acceptable.empty()) return acceptable(c);
    return c.error_expected ? refused(c) : accepted(c);
}

}  // namespace

const char* status_name(Status status) {
    constexpr const char* names[] = {"pass", "fail", "unsupported"};
    return names[static_cast<int>(status)];
}

std::vector<fs::path> folders(const fs::path& path) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(path))
        if (entry.is_directory()) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

Result run_case(const fs::path& folder, const std::string& file, const std::string& refusal) {
    const Case c = read_case(folder, file);
    Result result{c.group, c.name, c.layer_classes, Status::pass, ""};
    if (c.malformed) passes(result, "malformed", [&] { return check_malformed(c); });
    else if (!refusal.empty()) run_refused(c, refusal, result);
    else run_good(c, result);
    return result;
}

CaseTrips run_round_trips(const fs::path& folder, const std::string& file) {
    const Case c = read_case(folder, file);
    CaseTrips result{c.group, c.name, {}, ""};
    try {
        result.trips = round_trips(c, load_model(c), Extent::all);
    } catch (const Error& error) {
        result.problem = error.what();
    }
    return result;
}

}  // namespace layerctl::golden
