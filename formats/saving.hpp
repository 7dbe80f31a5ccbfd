// What a save is asked for beside the model and its weights, and what it leaves out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "formats/json/compile_config.hpp"
#include "models/dtype.hpp"
#include "models/file_kind.hpp"
#include "models/model_spec.hpp"

namespace layerctl::formats {

struct Saving {
    FileKind kind;
    bool strip = false;                   // not what training left: losses, metrics, optimizer
    std::optional<DType> dtype = {};      // of the floating weights; nothing: as they are
    std::vector<std::string> notes = {};  // what is worth knowing about the file written
};

/// Notes that something was not written: "losses and metrics".
void leave_out(const std::string& what, Saving& saving);

/// What a file is to say of the training of a model; nothing of a model that was not compiled, or is to be stripped.
struct Compilation {
    std::string config;                        // JSON; empty: the file is not compiled
    std::vector<StoredWeight> optimizer = {};  // its state
};

/// The compilation of the model in that form, with the state that came with the weights. What is lost is noted.
Compilation compilation_as(CompileForm form, const ModelSpec& model, const WeightStore& weights, Saving& saving);

/// The file is not compiled; says so if the model was, unless it was to be stripped.
void leave_training_out(const ModelSpec& model, Saving& saving);

/// The same where the file does hold the optimizer's state.
void leave_compilation_out(const ModelSpec& model, Saving& saving);

/// The text of an archive's config.json without any `compile_config`; all else stays byte for byte.
std::string without_compile_config(const std::string& text);

}  // namespace layerctl::formats
