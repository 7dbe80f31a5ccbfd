// Stored arrays -> declared weights, in the way of the file they come from.
#include <algorithm>

#include "engine/graph/bound_weight.hpp"

namespace layerctl {
namespace binding {

const WeightSpec& declared(const Graph& graph, const WeightIndex& index) {
    return graph.layers[index.layer].declared[index.weight];
}

std::string full_name(const Graph& graph, const WeightIndex& index) {
    return cat(graph.layers[index.layer].path, "/", declared(graph, index).name);
}

DType variable_dtype(const Graph& graph, const WeightIndex& index) {
    return declared(graph, index).dtype.value_or(graph.layers[index.layer].policy.variable);
}

void align(Binding& binding, const WeightIndex* index, const StoredWeight* stored, std::string_view paired_by,
           std::string_view problem) {
    AlignedWeight& row = binding.alignment.emplace_back();
    if (index != nullptr) {
        row.layer = binding.graph.layers[index->layer].path;
        row.wanted = full_name(binding.graph, *index);
        row.wanted_shape = declared(binding.graph, *index).shape;
        row.wanted_dtype = variable_dtype(binding.graph, *index);
    }
    if (stored != nullptr) {
        row.found = stored->name;
        row.found_shape = stored->shape;
        row.found_dtype = stored->dtype;
    }
    if (index != nullptr && stored != nullptr) row.paired_by = paired_by;
    if (index == nullptr || stored == nullptr) row.problem = stored == nullptr ? "no array" : "no weight";
    else row.problem = problem.empty() ? misfit(binding.graph, *index, *stored) : problem;
}

std::string_view misfit(const Graph& graph, const WeightIndex& index, const StoredWeight& stored) {
    if (!declared(graph, index).shape.is_compatible_with(stored.shape)) return "shape";
    const DType wanted = variable_dtype(graph, index);
    const bool same_kind =
        is_floating(wanted) == is_floating(stored.dtype) && is_integer(wanted) == is_integer(stored.dtype);
    return same_kind ? "" : "dtype";
}

void check_dtype(const Graph& graph, const WeightIndex& index, const StoredWeight& stored) {
    if (misfit(graph, index, stored) == "dtype")
        fail(Code::weights, "weight '", stored.name, "': wanted ", variable_dtype(graph, index), ", found ",
             stored.dtype);
}

void take(Binding& binding, const WeightIndex& index, const StoredWeight& stored) {
    if (binding.arrays == nullptr) return;
    (*binding.arrays)[index.layer][index.weight] = in_context(
        "weight '" + stored.name + "'", [&] { return stored.read().cast(variable_dtype(binding.graph, index)); });
}

std::string_view object_of(std::string_view weight) {
    const std::size_t slash = weight.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : weight.substr(0, slash);
}

bool is_low_rank(const WeightSpec& weight) {
    return std::string_view(weight.name).substr(weight.name.rfind('/') + 1).starts_with("lora_");
}

void sort_as_stored(const Graph& graph, std::vector<WeightIndex>& weights) {
    const auto is_special = [&](const WeightIndex& index) {
        const WeightSpec& weight = declared(graph, index);
        return is_low_rank(weight) || weight.name.ends_with("_scale");
    };
    if (std::any_of(weights.begin(), weights.end(), is_special)) return;
    std::stable_partition(weights.begin(), weights.end(),
                          [&](const WeightIndex& index) { return declared(graph, index).trainable; });
}

bool is_built(const GraphLayer& layer) {
    return layer.built || layer.spec->model != nullptr || layer.spec->class_name == "InputLayer";
}

}  // namespace binding

namespace {

auto binding_of(WeightLayout layout) {
    switch (layout) {
        case WeightLayout::by_path: return binding::by_path;
        case WeightLayout::by_name: return binding::by_name;
        default: return binding::by_order;
    }
}

/// As Keras, which has these arguments for some files only.
void require_known_to_keras(WeightLayout layout, const Graft& graft) {
    if (graft.pairing != WeightPairing::of_the_file && layout != WeightLayout::by_order)
        fail(Code::unsupported, "only legacy h5 files pair weights by position or by the names of layers, this one by ",
             layout == WeightLayout::by_path ? "the paths of objects" : "the names of arrays");
    if (graft.skip_mismatch && layout == WeightLayout::by_name)
        fail(Code::unsupported, "arrays with names alone all find their weights, or none does: no mismatch is skipped");
}

void keep_others(const Graph& graph, binding::Arrays& arrays) {
    for (std::size_t layer = 0; layer < arrays.size(); ++layer)
        for (std::size_t weight = 0; weight < arrays[layer].size(); ++weight)
            if (!arrays[layer][weight].has_value())
                arrays[layer][weight] = graph.layers[layer].weights.tensor(weight);
}

/// Where a file holds a shared object in several places, the last one counts, as in Keras.
void share_arrays(const Graph& graph, binding::Arrays& arrays) {
    const auto is_bound = [](const Tensor& array) { return array.has_value(); };
    for (std::size_t i = 0; i < graph.layers.size(); ++i)
        if (graph.layers[i].same_as && std::ranges::all_of(arrays[i], is_bound))
            arrays[*graph.layers[i].same_as] = std::move(arrays[i]);
}

void set_weights(Graph& graph, binding::Arrays arrays) {
    for (std::size_t i = 0; i < graph.layers.size(); ++i)
        if (!graph.layers[i].same_as) set_layer_weights(graph.layers[i], std::move(arrays[i]));
    share_weights(graph);
}

}  // namespace

std::vector<WeightIndex> weight_order(const Graph& graph, std::size_t top_level) {
    std::vector<WeightIndex> order;
    const bool shares = graph.spec->dialect != Dialect::keras3;  // which shares nothing it reads from a legacy h5
    const auto is_repeated = [&](const GraphLayer& layer) {
        return shares && layer.same_as && graph.layers[*layer.same_as].top_level == top_level;
    };
    for (const bool trainable : {true, false})
        for (std::size_t layer = graph.top_level[top_level];
             layer < graph.layers.size() && graph.layers[layer].top_level == top_level; ++layer)
            for (std::size_t weight = 0;
                 !is_repeated(graph.layers[layer]) && weight < graph.layers[layer].declared.size(); ++weight)
                if ((graph.layers[layer].trainable && graph.layers[layer].declared[weight].trainable) == trainable)
                    order.push_back({layer, weight});
    return order;
}

Alignment bind_weights(Graph& graph, const WeightStore& store, const Graft& graft, bool read_arrays,
                       Problems& problems) {
    binding::Arrays arrays;
    for (const GraphLayer& layer : graph.layers) arrays.emplace_back(layer.declared.size());
    problems.attempt([&] {
        if (!store.top_level.empty())
            fail(Code::unsupported, "weights owned by the model itself: '", store.top_level.front().name, "'");
        require_known_to_keras(store.layout, graft);
    });
    Alignment alignment;
    binding::Binding binding{
        graph, store, graft, read_arrays && problems.empty() ? &arrays : nullptr, alignment, problems};
    binding_of(store.layout)(binding);
    if (!read_arrays || !problems.empty()) return alignment;
    share_arrays(graph, arrays);
    if (graft.is_partial()) keep_others(graph, arrays);
    set_weights(graph, std::move(arrays));
    return alignment;
}

}  // namespace layerctl
