// How the weights of another file were given to a model: as a table, as JSON, and what must be said of it.
#pragma once

#include <iosfwd>

#include "api/layerctl.hpp"

namespace layerctl::cli {

/// Model::load. What --weights left as it was, and the arrays that nothing wants, are told on stderr; with
/// `shows_misfits` also the alignment, if they do not fit.
Model load_model(const std::string& file, const LoadOptions& options, bool shows_misfits);

/// One line per weight or array; "!" marks those that found nothing. With `json`, a list of objects.
void print_alignment(std::ostream& out, const Alignment& alignment, bool json);

}  // namespace layerctl::cli
