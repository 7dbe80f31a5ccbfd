// The objects of a config that act in training only: regularizers, constraints, losses, metrics, optimizers and their
// schedules. They are checked against one table of Keras' classes and kept as they stand.
#pragma once

#include <string_view>

#include "models/error.hpp"
#include "models/value.hpp"

namespace layerctl {

enum class TrainingObject { regularizer, constraint, loss, metric, optimizer, schedule };

/// A class of Keras, as Keras spells it; empty if it has none of that name. Capitals of optimizers do not count.
std::string_view training_class(TrainingObject kind, std::string_view name);

/// Checks one as it is serialized: null, a name, or {"class_name", "config"}. Names and classes that are not Keras' own
/// pass: they are the user's. Any other structure is Code::config, and so is an argument that a class of Keras does not
/// take or a value of the wrong type.
void check_training_object(TrainingObject kind, const Value& value);

/// Checks every `…_regularizer` and `…_constraint` in the config of a layer, those of layers inside it included.
void check_training_objects(const Value& layer_config, Problems& problems);

/// Checks what a model was compiled with: `training_config` of a legacy h5, `compile_config` of later formats.
void check_training_config(const Value& config, Problems& problems);

}  // namespace layerctl
