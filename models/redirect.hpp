// Calls whose tensors become others.
#pragma once

#include "models/layer_spec.hpp"

namespace layerctl {

/// Each tensor in an argument becomes `redirected` of it.
template <class Redirected>
void redirect(Argument& argument, const Redirected& redirected) {
    if (argument.kind == Argument::Kind::tensor) argument.tensor = redirected(argument.tensor);
    for (Argument& item : argument.items) redirect(item, redirected);
}

template <class Redirected>
void redirect(Call& call, const Redirected& redirected) {
    for (Argument& argument : call.args) redirect(argument, redirected);
    for (auto& [name, argument] : call.kwargs) redirect(argument, redirected);
}

}  // namespace layerctl
