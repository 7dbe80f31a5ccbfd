// One case of the oracle corpus as its folder holds it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/alignment.hpp"
#include "models/tensor.hpp"
#include "tests/golden/compare.hpp"

namespace layerctl::golden {

/// States that Keras was given before a call, and what it kept after it.
struct StatePair {
    std::string layer;
    Tensors before, after;
};

struct Case {
    std::filesystem::path folder;
    std::string group;
    std::string name;
    std::vector<std::string> layer_classes;
    Tolerance tolerance;
    std::string model;                     // the file to load; empty if there is none
    std::filesystem::path weights;         // of a file that holds only an architecture; else empty
    Graft graft;                           // how these find their layers
    std::filesystem::path architecture;    // stands for the architecture.json of the folder, if not empty
    std::filesystem::path custom_objects;  // what its custom classes compute; empty if it needs nothing
    Tensors inputs;
    Tensors outputs;
    Tensors second_call;  // of stateful models; else empty
    std::vector<StatePair> states;
    Tensors call_with_states;  // outputs of the call that `states` frame
    bool any_batch = false;    // every input was declared with an unknown batch size
    std::string dependent_rows;  // why Keras gives single rows other results; empty if it does not
    std::string reload;          // what Keras gets of the file: "ok", another text, or nothing if it was not asked
    std::string no_summary;      // why Keras shows no summary of the file; empty if it does

    // Of the group `bad` only:
    bool malformed = false;
    bool error_expected = false;
    std::string acceptable;  // instead of an error: "loads", and computes y from x, or "no rows"

    std::filesystem::path path(const std::string& file) const {
        return file == "architecture.json" && !architecture.empty() ? architecture : folder / file;
    }
    bool has(const std::string& file) const { return std::filesystem::exists(path(file)); }
};

/// `file` is the one to load, whatever better ones there are; weights come with the case's architecture. Empty: the
/// best one.
Case read_case(const std::filesystem::path& folder, const std::string& file = "");

std::string read_text(const std::filesystem::path& path);

/// The attribute `model_config` of an h5's root as HDF5 itself reads it; nothing if there is none.
std::optional<std::string> model_config_attribute(const std::filesystem::path& path);

/// The members of a zip archive, given its bytes, by name.
std::map<std::string, std::string> members_of(const std::string& archive);

/// The member `config.json` of a .keras archive; nothing if there is none.
std::optional<std::string> config_member(const std::filesystem::path& path);

}  // namespace layerctl::golden
