// Configs of Keras 1 in the terms of Keras 2, so that nobody else has to know the old ones. Facts are those of
// Keras 1.2 and of the conversions in Keras 2.0.
#pragma once

#include <optional>
#include <string>

#include "models/value.hpp"

namespace layerctl::keras1 {

/// A layer's {"class_name", "config", …}: classes, keys and values renamed, those of a wrapped layer too. A class that
/// Keras 1 did not have comes back as it is. What Keras 2 cannot say keeps its key.
/// `dim_ordering`, "tf" or "th", is for the layers that do not write theirs down.
Value translated(const Value& layer, const std::string& dim_ordering);

/// A Merge of fixed mode as the layer of Keras 2 that does the same.
Value translated_merge(const Value& layer);

/// The regularizer or constraint {"name", …} as {"class_name", "config"}.
Value translated_object(const Value& object);

/// The order of axes that the layers of a model state, which goes for those that do not state one: "tf" if none does.
std::string dim_ordering(const Value& model);

/// A Sequential whose first layer merges other models, as the Functional that it stands for. Layers come in the order
/// of their weights. Nothing for any other model.
std::optional<Value> unmerged(const Value& model);

}  // namespace layerctl::keras1
