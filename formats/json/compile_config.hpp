// How a model was compiled. A legacy h5 says it in `training_config`, later files in `compile_config`: other keys,
// other forms of the same objects.
#pragma once

#include <string>
#include <vector>

#include "models/model_spec.hpp"

namespace layerctl::formats {

enum class CompileForm { training_config, compile_config };

struct CompileConfig {
    std::string text;          // JSON
    bool keeps_state = false;  // the optimizer's arrays are the same ones, in the same order, in both kinds of file
    std::vector<std::string> left_out = {};  // what the form cannot say: "'steps_per_execution' = 3"
};

/// The compilation of a compiled model in the form asked for; the model's own text if it is in that form. What Keras
/// could not read there, or is no training configuration of Keras, is Code::unsupported or Code::config.
CompileConfig compile_config_as(CompileForm form, const ModelSpec& model);

}  // namespace layerctl::formats
