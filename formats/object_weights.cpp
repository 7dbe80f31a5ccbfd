#include "formats/object_weights.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "models/error.hpp"
#include "models/object_names.hpp"

namespace layerctl::formats {
namespace {

/// Children of a model that hold what training left behind.
constexpr std::string_view optimizer = "optimizer";
constexpr std::array<std::string_view, 6> training_state = {optimizer,      "metrics",       "compiled_metrics",
                                                            "loss_tracker", "_loss_tracker", "_compile_metrics"};

/// Objects that draw random numbers keep their position, which inference never needs.
constexpr std::string_view seed_generator = "seed_generator";

std::string_view first_component(std::string_view path) { return path.substr(0, path.find('/')); }
std::string_view last_component(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::optional<std::size_t> number_of(std::string_view name) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
    return number;
}

/// By number; named ones last.
bool comes_before(const StoredWeight& a, const StoredWeight& b) {
    const auto first = number_of(a.name), second = number_of(b.name);
    if (first && second) return *first < *second;
    return first.has_value() != second.has_value() ? first.has_value() : a.name < b.name;
}

void check_numbers(const std::vector<StoredWeight>& arrays) {
    for (std::size_t i = 0; i < arrays.size(); ++i)
        if (const auto number = number_of(arrays[i].name); number && *number != i)
            fail(Code::weights, "wanted an array '", i, "', found '", arrays[i].name, "'");
}

/// Named by their whole way: "layers/dense/vars/0".
std::vector<StoredWeight> with_paths(const std::string& object, std::vector<StoredWeight> arrays) {
    for (StoredWeight& array : arrays) array.name = join_path(join_path(object, "vars"), array.name);
    return arrays;
}

}  // namespace

bool is_training_state(std::string_view name) {
    return std::find(training_state.begin(), training_state.end(), name) != training_state.end();
}

WeightStore store_of_objects(ObjectArrays objects) {
    WeightStore store;
    store.layout = WeightLayout::by_path;
    Problems problems;
    for (auto& entry : objects) {
        const std::string& object = entry.first;
        auto& arrays = entry.second;
        const std::string_view first = first_component(object);
        if (last_component(object) == seed_generator) continue;
        std::sort(arrays.begin(), arrays.end(), comes_before);
        if (is_training_state(first)) {
            if (object == optimizer) store.optimizer = with_paths(object, std::move(arrays));  // parts repeat it
            continue;
        }
        problems.attempt([&] { in_context(cat("object '", object, "'"), [&] { check_numbers(arrays); }); });
        if (object.empty()) store.top_level = with_paths(object, std::move(arrays));
        else store.groups.push_back({object, with_paths(object, std::move(arrays))});
    }
    problems.throw_if_any();
    return store;
}

}  // namespace layerctl::formats
