// layerctl summary: the table Keras' model.summary() prints.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/report.hpp"

namespace layerctl::cli {
namespace {

// As Python's shutil.get_terminal_size, which Keras 3 fits its table to: $COLUMNS, else the terminal, else 80.
int terminal_columns() {
    const char* variable = std::getenv("COLUMNS");
    if (const int columns = variable == nullptr ? 0 : std::atoi(variable); columns > 0) return columns;
    winsize size{};
    if (isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

}  // namespace

int run(const Summary& command) {
    const Model model = Model::describe(command.model, command.load);
    SummaryOptions options = command.options;
    options.terminal = terminal_columns();
    std::cout << (command.json ? model.summary_json() : model.summary(options)) << std::flush;
    if (!model.problems().empty()) note(cat(command.model, ": cannot be run; `layerctl check` says why"));
    return 0;
}

}  // namespace layerctl::cli
