// layerctl convert: a model in another kind of file, or for another Keras.
#include <iostream>

#include "cli/alignment.hpp"
#include "cli/commands.hpp"
#include "cli/report.hpp"

namespace layerctl::cli {
namespace {

Model expanded(const Model& model, const Convert& command) {
    return command.expand_lambda ? in_context(command.model, [&] { return model.with_lambdas_expanded(); }) : model;
}

Model translated(const Model& model, const Convert& command) {
    if (!command.keras) return model;
    std::vector<std::string> notes;
    const Model other = in_context(command.model, [&] { return model.translated(*command.keras, &notes); });
    for (const std::string& text : notes) note(text);
    return other;
}

void show_alignment(const Model& model, const Convert& command) {
    if (command.show_alignment) print_alignment(std::cout, model.alignment(), command.json);
}

Model loaded(const Convert& command) {
    try {
        return load_model(command.model, command.load, !command.json && !command.show_alignment);
    } catch (const Error&) {
        if (command.show_alignment) show_alignment(Model::describe(command.model, command.load), command);
        throw;
    }
}

}  // namespace

int run(const Convert& command) {
    const Model model = loaded(command);
    show_alignment(model, command);
    std::vector<std::string> notes;
    translated(expanded(model, command), command)
        .save(command.output, {.kind = command.kind, .keras = {}, .dtype = command.dtype, .strip = command.strip,
                               .notes = &notes});
    for (const std::string& text : notes) note(cat(command.output, ": ", text));
    return 0;
}

}  // namespace layerctl::cli
