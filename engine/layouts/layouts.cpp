#include "engine/layouts/layouts.hpp"

#include <algorithm>

#include "engine/layouts/parts.hpp"
#include "models/model_spec.hpp"

namespace layerctl::layouts {
namespace {

const std::string* text_of(const Value& value, std::string_view key) {
    const Value* found = value.find(key);
    return found == nullptr ? nullptr : found->string();
}

/// The prefix of a name up to its last component.
std::string_view owner_prefix(std::string_view name) {
    return name.substr(0, name.size() - last_component(name).size());
}

}  // namespace

std::string_view last_component(std::string_view name) { return name.substr(name.rfind('/') + 1); }

Owner owner_of(const LayerSpec& layer) {
    std::string class_name = layer.class_name;
    const Value* config = &layer.config.value();
    while (class_name == "TimeDistributed" || class_name == "Bidirectional") {
        const Value* inner = config->find("layer");
        const std::string* name = inner == nullptr ? nullptr : text_of(*inner, "class_name");
        if (name == nullptr || inner->find("config") == nullptr) break;
        class_name = *name;
        config = inner->find("config");
    }
    if (is_model_class(class_name))
        fail(Code::unsupported, "a model inside ", layer.class_name, " with weights in the layout of an older Keras");
    const std::string* format = text_of(*config, "data_format");
    return {class_name, format != nullptr && *format == "channels_first"};
}

std::optional<Gates> gates_at(const std::vector<Wanted>& wanted, std::size_t at) {
    if (at + 3 > wanted.size()) return std::nullopt;
    constexpr std::string_view names[] = {"kernel", "recurrent_kernel", "bias"};
    for (std::size_t i = 0; i < 3; ++i) {
        const Wanted& one = wanted[at + i];
        if (one.layer != wanted[at].layer || last_component(one.spec->name) != names[i] ||
            owner_prefix(one.spec->name) != owner_prefix(wanted[at].spec->name))
            return std::nullopt;
    }
    const Shape& recurrent = wanted[at + 1].spec->shape;
    if (recurrent.rank() < 2) return std::nullopt;
    const std::int64_t units = recurrent[recurrent.rank() - 2];
    const Gates gates{units, recurrent.back() / std::max<std::int64_t>(units, 1)};
    return gates.count == 3 || gates.count == 4 ? std::optional(gates) : std::nullopt;
}

StoredWeight turned(const StoredWeight& stored, Shape shape, std::function<Tensor(const Tensor&)> turn) {
    return {stored.name, stored.dtype, std::move(shape),
            [read = stored.read, turn = std::move(turn)] { return turn(read()); }};
}

std::vector<StoredWeight> declared(const std::vector<Wanted>& wanted, const std::vector<StoredWeight>& stored,
                                   const WeightStore& store, Dialect dialect) {
    std::vector<StoredWeight> weights = stored;
    const bool unversioned = store.keras_version.empty() && dialect != Dialect::keras3;
    if (unversioned || dialect_of(store.keras_version) == Dialect::keras1) weights = from_keras1(wanted, weights);
    if (weights.size() != wanted.size()) return weights;
    if (store.backend == "theano") weights = from_theano(wanted, weights);
    return from_and_to_cudnn(wanted, weights);
}

}  // namespace layerctl::layouts
