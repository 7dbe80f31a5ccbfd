// Which Python wrote a function: the bytes do not say, so every version is tried that could have.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/bytecode/steps.hpp"

namespace layerctl::bytecode {

/// The bytes as one version may have written them.
struct Fit {
    Python version = Python::v2_7;
    Reading reading;
    Steps steps;
    int score = 0;                        // more of what compilers do was found
    std::optional<Refusal> refusal = {};  // why there are no steps
    bool forbidden = false;               // it shows a generator, a loop …
};

/// Best first; none is refused with what each version lacks. Every instruction of a fit is reachable, its stack never
/// runs empty nor over and has one depth wherever ways meet. Damage is looked for where nothing fits without.
std::vector<Fit> fits_of(std::string_view bytes);

}  // namespace layerctl::bytecode
