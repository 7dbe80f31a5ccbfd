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

constexpr std::string_view idf_weights = "idf_weights";

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

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> all;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        all.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return all;
}

Value vocabulary_of(const std::string& text, const LayerSpec& layer) {
    Value::Array tokens;
    for (std::string& line : lines(text)) {
        if (layer.class_name != "IntegerLookup") {
            tokens.emplace_back(std::move(line));
            continue;
        }
        std::int64_t token = 0;
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), token);
        if (error != std::errc() || end != line.data() + line.size())
            fail(Code::format, "vocabulary.txt: wanted an integer per line, found '", line, "'");
        tokens.emplace_back(token);
    }
    return tokens;
}

Value numbers_of(const StoredWeight& array) {
    const Tensor numbers = array.read().cast(DType::float64);
    Value::Array list;
    for (const double number : numbers.values<double>()) list.emplace_back(number);
    return list;
}

/// Only where the config has the key and leaves it open: other classes do not know it.
void fill(LayerSpec& layer, std::string_view key, const Value& value) {
    Value config = layer.config.value();
    const Value* before = config.find(key);
    if (before != nullptr && !before->is_null()) return;
    config.set(key, value);
    layer.config = Config(std::move(config), layer.config.source());
}

bool is_lookup(const LayerSpec& layer) {
    return layer.class_name == "StringLookup" || layer.class_name == "IntegerLookup" ||
           layer.class_name == "TextVectorization";
}

bool holds_lookup(const ModelSpec& model) {
    return std::any_of(model.layers.begin(), model.layers.end(), [](const LayerSpec& layer) {
        return is_lookup(layer) || (layer.model != nullptr && holds_lookup(*layer.model));
    });
}

/// The array of that name in a group, taken out of it.
std::optional<StoredWeight> take_named(WeightStore& store, const std::string& object, std::string_view name) {
    for (WeightGroup& group : store.groups) {
        if (group.layer != object) continue;
        const auto found = std::find_if(group.weights.begin(), group.weights.end(), [&](const StoredWeight& weight) {
            return last_component(weight.name) == name;
        });
        if (found == group.weights.end()) continue;
        StoredWeight taken = std::move(*found);
        group.weights.erase(found);
        return taken;
    }
    return std::nullopt;
}

void adopt(LayerSpec& layer, Dialect dialect, const std::string& object, WeightStore& store,
           const std::map<std::string, std::string>& assets) {
    if (const auto text = assets.find(object + "/vocabulary.txt"); text != assets.end())
        fill(layer, "vocabulary", vocabulary_of(text->second, layer));
    take_named(store, object + "/_lookup_layer", idf_weights);  // TextVectorization stores them twice
    const auto weights = take_named(store, object, idf_weights);
    if (!weights) return;
    fill(layer, idf_weights, numbers_of(*weights));
    if (dialect != Dialect::keras3) store.groups.push_back({object, {*weights}});  // there it is a weight as well
}

void adopt_in(ModelSpec& model, const std::string& path, WeightStore& store,
              const std::map<std::string, std::string>& assets) {
    const std::vector<std::string> names = layer_object_names(model);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        LayerSpec& layer = model.layers[i];
        const std::string object = join_path(join_path(path, "layers"), names[i]);
        in_context(layer_frame(layer), [&] {
            if (is_lookup(layer)) adopt(layer, model.dialect, object, store, assets);
            if (layer.model == nullptr || !holds_lookup(*layer.model)) return;
            auto inner = std::make_shared<ModelSpec>(*layer.model);
            adopt_in(*inner, object, store, assets);
            layer.model = std::move(inner);
        });
    }
}

}  // namespace

bool is_training_state(std::string_view name) {
    return std::find(training_state.begin(), training_state.end(), name) != training_state.end();
}

WeightStore store_of_objects(ObjectArrays objects) {
    WeightStore store;
    store.layout = WeightLayout::by_path;
    Problems problems;
    for (auto& [object, arrays] : objects) {
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

void adopt_lookup_state(ModelSpec& model, const std::map<std::string, std::string>& assets) {
    adopt_in(model, "", model.weights, assets);
}

}  // namespace layerctl::formats
