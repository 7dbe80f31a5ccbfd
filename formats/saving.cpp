#include "formats/saving.hpp"

#include <utility>

#include "formats/json/edits.hpp"
#include "formats/json/text.hpp"
#include "models/error.hpp"

namespace layerctl::formats {
namespace {

constexpr std::string_view compile_config = "compile_config";

/// Takes a member out of the object around it, with one of the commas beside it.
Edit removal(const std::string& text, const SourceSpan& value) {
    std::size_t begin = text.rfind('"' + std::string(compile_config) + '"', value.begin);
    std::size_t end = value.end;
    const std::size_t before = text.find_last_not_of(" \t\r\n", begin - 1);
    const std::size_t after = text.find_first_not_of(" \t\r\n", end);
    if (text[before] == ',') begin = before;
    else if (text[after] == ',') end = text.find_first_not_of(" \t\r\n", after + 1);
    return {{begin, end}, ""};
}

/// Of every model, nested ones, too.
void find_compile_configs(const Value& value, const std::string& text, std::vector<Edit>& removals) {
    if (value.array() != nullptr)
        for (const Value& item : *value.array()) find_compile_configs(item, text, removals);
    if (value.object() == nullptr) return;
    for (const auto& [key, member] : *value.object()) {
        if (key == compile_config && value.find("class_name") != nullptr)
            removals.push_back(removal(text, member.span()));
        else find_compile_configs(member, text, removals);
    }
}

}  // namespace

void leave_out(const std::string& what, Saving& saving) { saving.notes.push_back("written without " + what); }

Compilation compilation_as(CompileForm form, const ModelSpec& model, const WeightStore& weights, Saving& saving) {
    if (saving.strip) return {};
    if (!is_compiled(model.metadata)) {
        leave_training_out(model, saving);
        return {};
    }
    try {
        const CompileConfig made = compile_config_as(form, model);
        for (const std::string& what : made.left_out) leave_out(what, saving);
        const bool keeps_state = made.keeps_state && !weights.optimizer.empty();
        if (!keeps_state && !model.weights.optimizer.empty()) leave_out("the optimizer's state", saving);
        return {made.text, keeps_state ? weights.optimizer : std::vector<StoredWeight>()};
    } catch (const Error& error) {
        leave_out(cat("losses, metrics and optimizer: ", error.what()), saving);
        return {};
    }
}

void leave_training_out(const ModelSpec& model, Saving& saving) {
    if (saving.strip) return;
    const bool had_training = is_compiled(model.metadata) || model.metadata.lost_training;
    if (had_training) leave_out("losses, metrics and optimizer", saving);
    else if (!model.weights.optimizer.empty()) leave_out("the optimizer's state", saving);
}

void leave_compilation_out(const ModelSpec& model, Saving& saving) {
    if (!saving.strip && is_compiled(model.metadata)) leave_out("losses and metrics", saving);
}

std::string without_compile_config(const std::string& text) {
    std::vector<Edit> removals;
    find_compile_configs(parse_json(text).value(), text, removals);
    return edited(text, std::move(removals));
}

}  // namespace layerctl::formats
