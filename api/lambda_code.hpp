// The compiled functions in a config: what they are, without a model being built.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/contents.hpp"
#include "models/value.hpp"

namespace layerctl {

struct LambdaCode {
    std::string layer;                    // its name
    std::vector<std::string> versions;    // of Python, which may have written it
    std::string source;                   // as Python would write it; empty if it is refused
    std::vector<std::string> operations;  // functions and operators, in the order of the text
    std::string category, reason;         // of the refusal
    bool dangerous = false;               // it reaches for more than arithmetic
};

/// The function of a Lambda layer's config. Nothing if the config holds none.
std::optional<LambdaCode> lambda_code(const Value& config);

/// Of all Lambda layers in the configs of a file, those in wrappers and nested models included.
std::vector<LambdaCode> lambda_codes(const Contents& contents);

/// Of one that is refused: "not understood, name: …".
std::string refusal_of(const LambdaCode& code);

/// "Python 3.11 or 3.12: lambda x: x * 2", or why not.
std::string described(const LambdaCode& code);

}  // namespace layerctl
