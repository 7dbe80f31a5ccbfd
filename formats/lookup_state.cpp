#include "formats/lookup_state.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "models/error.hpp"
#include "models/object_names.hpp"

namespace layerctl::formats {
namespace {

constexpr std::string_view vocabulary = "vocabulary";
constexpr std::string_view idf_weights = "idf_weights";

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

/// Only where the config leaves it open. The span stays that of the null in the text.
void fill(LayerSpec& layer, std::string_view key, const Value& value) {
    Value config = layer.config.value();
    const Value* before = config.find(key);
    if (before != nullptr && !before->is_null()) return;
    Value filled = value;
    if (before != nullptr) filled.set_span(before->span());
    config.set(key, std::move(filled));
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
            return weight.name.ends_with(cat("/vars/", name));
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
        fill(layer, vocabulary, vocabulary_of(text->second, layer));
    take_named(store, object + "/_lookup_layer", idf_weights);  // TextVectorization stores them twice
    const auto weights = take_named(store, object, idf_weights);
    if (!weights) return;
    fill(layer, idf_weights, numbers_of(*weights));
    if (dialect != Dialect::keras3) store.groups.push_back({object, {*weights}});  // there it is a weight as well
}

void adopt_in(ModelSpec& model, const std::string& path, WeightStore& store,
              const std::map<std::string, std::string>& assets) {
    const std::vector<std::string> names = layer_object_names(model, nullptr);
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

/// Nothing where the text of the config says it as well.
std::optional<Edit> edit(const LayerSpec& layer, std::string_view key) {
    const Value* value = layer.config.find(key);
    if (value == nullptr || value->is_null() || layer.config.source() == nullptr) return std::nullopt;
    const auto [begin, end] = value->span();
    if (layer.config.source()->substr(begin, end - begin) == "null") return Edit{{begin, end}, to_json(*value)};
    if (end > 0) return std::nullopt;
    const std::size_t last = layer.config.value().span().end - 1;
    return Edit{{last, last}, cat(", ", to_json(Value(std::string(key))), ": ", to_json(*value))};
}

void find_edits(const ModelSpec& model, std::vector<Edit>& edits) {
    for (const LayerSpec& layer : model.layers) {
        if (layer.model != nullptr) find_edits(*layer.model, edits);
        if (!is_lookup(layer)) continue;
        for (const std::string_view key : {vocabulary, idf_weights})
            if (auto found = edit(layer, key)) edits.push_back(std::move(*found));
    }
}

}  // namespace

void adopt_lookup_state(ModelSpec& model, const std::map<std::string, std::string>& assets) {
    adopt_in(model, "", model.weights, assets);
}

std::vector<Edit> lookup_state_edits(const ModelSpec& model) {
    std::vector<Edit> edits;
    find_edits(model, edits);
    return edits;
}

}  // namespace layerctl::formats
