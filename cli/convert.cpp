// layerctl convert: a model in another kind of file.
#include <iostream>

#include "cli/commands.hpp"
#include "cli/report.hpp"

namespace layerctl::cli {

int run(const Convert& command) {
    const Model model = Model::load(command.model, command.load);
    model.save(command.output, {.kind = command.kind});
    if (model.is_compiled()) note(cat(command.output, ": written without losses, metrics and optimizer"));
    return 0;
}

}  // namespace layerctl::cli
