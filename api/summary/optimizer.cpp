// What a file tells about the optimizer a model was compiled with.
#include <algorithm>
#include <array>

#include "api/summary/table.hpp"
#include "formats/json/text.hpp"

namespace layerctl::summary {
namespace {

bool is_counter(const StoredWeight& weight) {
    const std::string last = weight.name.substr(weight.name.find_last_of('/') + 1);
    return last == "iteration" || last == "learning_rate";
}

std::string optimizer_class(const std::string& training_config) {
    if (training_config.empty()) return "";
    const Config config = formats::parse_json(training_config);
    const Value* optimizer = config.find("optimizer_config");
    const Value* name = optimizer == nullptr ? nullptr : optimizer->find("class_name");
    return name == nullptr || name->string() == nullptr ? "" : *name->string();
}

// Keras makes the counters at once and the rest at the first step; only plain SGD has no rest.
bool is_built(const ModelSpec& model) {
    if (!std::ranges::all_of(model.weights.optimizer, is_counter)) return true;
    std::string class_name;
    Problems unreadable;
    unreadable.attempt([&] { class_name = optimizer_class(model.metadata.training_config); });
    return class_name == "SGD";
}

}  // namespace

std::optional<Tally> optimizer_tally(const ModelSpec& model) {
    if (model.weights.optimizer.empty() || !is_built(model)) return std::nullopt;
    Tally tally;
    for (const StoredWeight& weight : model.weights.optimizer) tally.add(weight.shape, weight.dtype);
    return tally;
}

}  // namespace layerctl::summary
