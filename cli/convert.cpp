// layerctl convert: a model in another kind of file, or for another Keras.
#include <iostream>

#include "cli/alignment.hpp"
#include "cli/commands.hpp"
#include "cli/report.hpp"

namespace layerctl::cli {
namespace {

Model translated(const Model& model, const Convert& command) {
    if (!command.keras) return model;
    std::vector<std::string> notes;
    const Model other = in_context(command.model, [&] { return model.translated(*command.keras, &notes); });
    for (const std::string& text : notes) note(text);
    return other;
}

}  // namespace

int run(const Convert& command) {
    if (command.show_alignment)
        print_alignment(std::cout, Model::describe(command.model, command.load).alignment(), command.json);
    const Model model = load_model(command.model, command.load, !command.json && !command.show_alignment);
    std::vector<std::string> notes;
    translated(model, command)
        .save(command.output, {.kind = command.kind, .keras = {}, .dtype = command.dtype, .strip = command.strip,
                               .notes = &notes});
    for (const std::string& text : notes) note(cat(command.output, ": ", text));
    return 0;
}

}  // namespace layerctl::cli
