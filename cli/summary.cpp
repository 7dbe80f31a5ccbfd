// layerctl summary: the table Keras' model.summary() prints.
#include <iostream>

#include "cli/commands.hpp"
#include "cli/report.hpp"

namespace layerctl::cli {

int run(const Summary& command) {
    const Model model = Model::describe(command.model, command.load);
    std::cout << (command.json ? model.summary_json() : model.summary(command.options)) << std::flush;
    if (!model.problems().empty()) note(cat(command.model, ": cannot be run; `layerctl check` says why"));
    return 0;
}

}  // namespace layerctl::cli
