// Is a file safe and sound? Rules about what it holds, checked without running anything in it.
//
//     for (const layerctl::Finding& finding : layerctl::validate("model.h5").findings)
//         std::cout << finding.rule->id << ' ' << finding.message << '\n';
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/error.hpp"

namespace layerctl {

enum class Severity { note, warning, error };

/// A rule of `validate`; identifiers never change their meaning.
struct Rule {
    std::string_view id;    // "LC001"
    std::string_view name;  // "lambda-bytecode"
    Severity severity;
    std::string_view summary;  // what a finding says, in one line
    std::string_view help;     // why it matters, and what to do
};

/// All rules, by id.
std::span<const Rule> rules();

/// Something that a rule found.
struct Finding {
    const Rule* rule = nullptr;
    std::string place;  // within the file: a part, a layer; may be empty
    std::string message;
};

struct Validation {
    std::vector<Finding> findings;  // by rule
    std::vector<Error> problems;    // why some of the file could not be looked at: damage, features that are not read

    /// A finding that is more than a note.
    bool has_findings() const;
};

struct ValidateOptions {
    std::vector<std::string> only = {};    // ids of the rules to check; empty: all of them
    std::vector<std::string> ignore = {};  // ids of rules that find nothing
};

/// Checks every rule on a file of any of Keras' kinds, a whole model or not. Arrays are read one after the other.
/// A file that is none is an Error, as in `inspect`; an unknown id is Code::usage.
Validation validate(const std::filesystem::path& path, const ValidateOptions& options = {});

}  // namespace layerctl
