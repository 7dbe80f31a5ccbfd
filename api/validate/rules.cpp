#include "api/validate/rules.hpp"

#include <algorithm>
#include <array>

namespace layerctl {
namespace {

constexpr std::array<Rule, 14> table = {{
    {"LC001", "lambda-bytecode", Severity::error, "Python bytecode of a Lambda layer",
     "Keras runs it when the model is loaded. layerctl never does: say what it computes in a custom-objects file, or "
     "build the model without Lambda."},
    {"LC002", "foreign-module", Severity::warning, "an object of a module outside Keras' layers and their like",
     "Keras imports the module and calls the object. layerctl looks class names up in its own table; whoever loads the "
     "file with Keras should know whose code it names."},
    {"LC003", "outside-reference", Severity::error, "a part that leads out of the file",
     "Links, external storage, virtual datasets and members with paths outside an archive can bring other files of the "
     "reader's machine into the model. Keras writes none of them."},
    {"LC004", "shape-bomb", Severity::error, "sizes or nesting that the stored bytes cannot have or no model has",
     "Reading would take memory or time without bound. Nothing is allocated for it."},
    {"LC005", "zip-bomb", Severity::error, "members that unpack to far more than they take",
     "Or that share their bytes with others. Keras stores members as they are."},
    {"LC006", "path-or-url", Severity::error, "a path or URL in a config",
     "Keras opens some of them while loading: vocabularies, saved models. layerctl opens none."},
    {"LC007", "pickle", Severity::error, "pickled Python objects",
     "Unpickling runs code. layerctl has no reader for it."},
    {"LC008", "foreign-model", Severity::error, "a layer that wraps a model of another framework",
     "TFSMLayer, TorchModuleWrapper, JaxLayer and FlaxLayer load code and data that the file only names."},
    {"LC009", "non-finite-weights", Severity::warning, "weights that are NaN or infinite",
     "Whatever the model computes with them is NaN or infinite too; training may have diverged."},
    {"LC010", "orphan", Severity::warning, "weights or layers stored but not listed, or listed but not stored",
     "Keras passes over the first and fails on the second; a file it wrote has neither."},
    {"LC011", "duplicate-member", Severity::error, "two members of one name in an archive",
     "Different readers take different ones: what was looked at need not be what is loaded."},
    {"LC012", "hidden-data", Severity::warning, "bytes or members that no reader looks at",
     "Data behind the end of a file, between members, or in members and groups beside the model's."},
    {"LC013", "config-mismatch", Severity::error, "weights that do not fit the layers",
     "Their number or shapes contradict the config: the file was put together from parts, or written half."},
    {"LC014", "optimizer-state", Severity::note, "the state of an optimizer",
     "Predictions never need it, and it may be two thirds of the file. `layerctl convert` leaves it out."},
}};

constexpr std::string_view rule_of_fault[] = {
    "",       // damaged
    "",       // unsupported
    "LC003",  // outside
    "LC004",  // oversized
    "LC005",  // expands
    "LC007",  // pickled
    "LC011",  // repeated
    "LC012",  // hidden
    "LC010",  // orphaned
};

}  // namespace

std::span<const Rule> rules() { return table; }

const Rule& rule(std::string_view id) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const Rule& rule) { return rule.id == id; });
    if (found == table.end()) fail(Code::usage, "there is no rule '", id, "'; wanted LC001 to LC014");
    return *found;
}

const Rule* rule_of(Fault::Kind kind) {
    const std::string_view id = rule_of_fault[static_cast<std::size_t>(kind)];
    return id.empty() ? nullptr : &rule(id);
}

}  // namespace layerctl
