// What a file tells about the optimizer a model was compiled with.
#include <algorithm>
#include <array>

#include "api/summary/table.hpp"
#include "formats/json/text.hpp"

namespace layerctl::summary {
namespace {

std::string last_component(const StoredWeight& weight) { return weight.name.substr(weight.name.find_last_of('/') + 1); }

// Files that number their arrays begin with the counters.
bool is_iteration(const StoredWeight& weight) {
    return last_component(weight) == "iteration" || last_component(weight) == "0";
}

bool is_counter(const StoredWeight& weight) {
    return is_iteration(weight) || last_component(weight) == "learning_rate" || last_component(weight) == "1";
}

bool has_stepped(const ModelSpec& model) {
    return std::ranges::any_of(model.weights.optimizer, [](const StoredWeight& weight) {
        return is_iteration(weight) && weight.shape == Shape{} &&
               weight.read().cast(DType::int64).values<std::int64_t>()[0] > 0;
    });
}

std::string optimizer_class(const std::string& training_config) {
    if (training_config.empty()) return "";
    const Config config = formats::parse_json(training_config);
    const Value* optimizer = config.find("optimizer_config");
    if (optimizer == nullptr) optimizer = config.find("optimizer");
    const Value* name = optimizer == nullptr ? nullptr : optimizer->find("class_name");
    return name == nullptr || name->string() == nullptr ? "" : *name->string();
}

// Keras makes the counters at once and the rest at the first step. Only plain SGD has no rest: there the count tells.
bool is_built(const ModelSpec& model) {
    if (!std::ranges::all_of(model.weights.optimizer, is_counter)) return true;
    bool built = false;
    Problems unreadable;
    unreadable.attempt([&] { built = optimizer_class(model.metadata.training_config) == "SGD" && has_stepped(model); });
    return built;
}

}  // namespace

std::optional<Tally> optimizer_tally(const ModelSpec& model) {
    if (model.weights.optimizer.empty() || !is_built(model)) return std::nullopt;
    Tally tally;
    for (const StoredWeight& weight : model.weights.optimizer) tally.add(weight.shape, weight.dtype);
    return tally;
}

}  // namespace layerctl::summary
