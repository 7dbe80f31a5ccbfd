#include "tests/golden/case.hpp"

#include <H5Cpp.h>

#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "formats/bytes.hpp"
#include "formats/npy/npy.hpp"
#include "formats/zip/archive.hpp"
#include "models/error.hpp"

namespace layerctl::golden {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Tensors read_arrays(const Json& list, const fs::path& folder, const std::string& suffix = "") {
    Tensors tensors;
    for (const Json& item : list) {
        const fs::path file = item.at("file").get<std::string>();
        tensors.push_back(formats::read_npy(folder / (file.stem().string() + suffix + ".npy")));
    }
    return tensors;
}

Tensors read_files(const Json& names, const fs::path& folder) {
    Tensors tensors;
    for (const Json& name : names) tensors.push_back(formats::read_npy(folder / name.get<std::string>()));
    return tensors;
}

void read_states(Case& c, const Json& facts) {
    for (const Json& state : facts.value("states", Json::array()))
        c.states.push_back({state.at("layer").get<std::string>(), read_files(state.at("before"), c.folder),
                            read_files(state.at("after"), c.folder)});
    if (!c.states.empty()) c.call_with_states = read_arrays(facts.at("outputs"), c.folder, "_set");
}

bool any_batch(const Json& inputs) {
    for (const Json& input : inputs) {
        const Json shape = input.value("declared_shape", Json::array());
        if (shape.empty() || !shape[0].is_null()) return false;
    }
    return !inputs.empty();
}

std::string first_file(const Case& c, std::initializer_list<const char*> names) {
    for (const char* name : names)
        if (c.has(name)) return name;
    return "";
}

/// What the corpus says in words of a case's custom classes, testdata/custom-objects says for layerctl: in
/// GROUP/CASE.ENDING, or for the whole group in GROUP.ENDING. A case of all versions of Keras has one.
fs::path beside(const Case& c, const std::string& ending) {
    const fs::path folder = LAYERCTL_CUSTOM_OBJECTS;
    const fs::path own = folder / c.group / (c.name.substr(0, c.name.rfind("_k")) + ending);
    const fs::path shared = folder / (c.group + ending);
    return fs::exists(own) ? own : fs::exists(shared) ? shared : fs::path();
}

// architecture.json holds the layers of a subclassed model; without it such a model is only weights.
void choose_files(Case& c, const std::string& file) {
    const bool only_weights = file.find(".weights.") != std::string::npos;
    if (file.empty()) c.model = first_file(c, {"model.h5", "model.keras", "architecture.json", "savedmodel", "tfjs"});
    else c.model = only_weights ? first_file(c, {"model.json", "architecture.json", "model.h5"}) : file;
    if (only_weights) c.weights = c.path(file);
    if (!only_weights && c.model == "architecture.json")
        for (const char* weights : {"legacy_weights.h5", "model.weights.h5"})
            if (c.has(weights)) c.weights = c.path(weights);  // an architecture of operations has none
}

/// Weights that Keras loaded onto a model, with the arguments of its load_weights.
void read_graft(Case& c, const Json& graft) {
    c.weights = c.path(graft.at("file").get<std::string>());
    const bool by_name = graft.at("by_name").get<bool>();
    c.graft = {by_name ? WeightPairing::by_name : WeightPairing::of_the_file, graft.at("skip_mismatch").get<bool>()};
}

void read_good(Case& c, const Json& facts, const std::string& file) {
    c.architecture = beside(c, ".architecture.json");
    c.custom_objects = c.has("custom_objects.json") ? c.path("custom_objects.json") : beside(c, ".json");
    c.layer_classes = facts.at("layer_classes").get<std::vector<std::string>>();
    c.tolerance = {facts.at("atol").get<double>(), facts.at("rtol").get<double>()};
    choose_files(c, file);
    if (facts.contains("graft")) read_graft(c, facts.at("graft"));
    c.inputs = read_arrays(facts.at("inputs"), c.folder);
    c.outputs = read_arrays(facts.at("outputs"), c.folder);
    if (facts.contains("stateful")) c.second_call = read_arrays(facts.at("outputs"), c.folder, "_call2");
    read_states(c, facts);
    c.any_batch = any_batch(facts.at("inputs"));
    c.dependent_rows = facts.value("dependent_rows", "");
    if (facts.contains("reload")) c.reload = facts.at("reload").value(c.model, "");
    c.no_summary = facts.value("no_summary", "");
}

}  // namespace

std::string read_text(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail(Code::io, path.string(), ": cannot be opened");
    return {std::istreambuf_iterator<char>(file), {}};
}

Case read_case(const fs::path& folder, const std::string& file) {
    const Json facts = Json::parse(read_text(folder / "case.json"));
    Case c;
    c.folder = folder;
    c.group = folder.parent_path().filename().string();
    c.name = folder.filename().string();
    c.malformed = facts.contains("expect");
    if (c.malformed) {
        c.model = facts.at("file").get<std::string>();
        c.error_expected = facts.at("expect") == "error";
        c.acceptable = facts.value("acceptable", "");
        if (c.acceptable == "loads") {
            c.inputs = {formats::read_npy(folder / "x0.npy")};
            c.outputs = {formats::read_npy(folder / "y0.npy")};
            c.tolerance = {1e-5, 1e-4};
        }
    } else {
        read_good(c, facts, file);
    }
    return c;
}

std::map<std::string, std::string> members_of(const std::string& archive) {
    const formats::ZipArchive zip(formats::as_bytes(archive));
    std::map<std::string, std::string> members;
    for (std::size_t i = 0; i < zip.names().size(); ++i) members.emplace(zip.names()[i], zip.read(i));
    return members;
}

std::optional<std::string> config_member(const fs::path& path) {
    const auto members = members_of(read_text(path));
    const auto config = members.find("config.json");
    return config == members.end() ? std::nullopt : std::optional(config->second);
}

std::optional<std::string> model_config_attribute(const fs::path& path) {
    try {
        H5::Exception::dontPrint();
        const H5::H5File file(path.string(), H5F_ACC_RDONLY);
        const H5::Group root = file.openGroup("/");
        if (!root.attrExists("model_config")) return std::nullopt;
        const H5::Attribute attribute = root.openAttribute("model_config");
        std::string text;
        attribute.read(attribute.getDataType(), text);
        return text;
    } catch (const H5::Exception&) {
        return std::nullopt;
    }
}

}  // namespace layerctl::golden
