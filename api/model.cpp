// Model: loading, looking and running; thin over formats and engine.
#include <algorithm>

#include "api/custom_objects.hpp"
#include "api/layerctl.hpp"
#include "api/missing.hpp"
#include "api/onnx/export.hpp"
#include "api/state.hpp"
#include "api/stored_dtype.hpp"
#include "api/summary/summary.hpp"
#include "api/write_file.hpp"
#include "engine/own_variables.hpp"
#include "formats/budget.hpp"
#include "formats/json/text.hpp"
#include "formats/load.hpp"
#include "formats/save.hpp"
#include "formats/stored_dtypes.hpp"
#include "models/suggest.hpp"

namespace layerctl {

Context::Context(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Context::Context(Context&&) noexcept = default;
Context& Context::operator=(Context&&) noexcept = default;
Context::~Context() = default;

Tensors Context::predict(const Tensors& inputs) { return impl_->executor.run(inputs); }
void Context::bind(const Tensors& inputs) { impl_->executor.bind(inputs); }
const Tensors& Context::run() { return impl_->executor.run_bound(); }
void Context::reset_states() { impl_->executor.set_states({}); }

namespace {

std::size_t layer_at(const Graph& graph, const std::string& path) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < graph.layers.size(); ++i) {
        if (graph.layers[i].path == path) return i;
        paths.push_back(graph.layers[i].path);
    }
    fail(Code::usage, "there is no layer '", path, "'", did_you_mean(path, paths));
}

}  // namespace

std::vector<LayerState> Context::states() const {
    std::vector<LayerState> states;
    for (const auto& [layer, tensors] : impl_->executor.states())
        states.push_back({impl_->graph->layers[layer].path, tensors});
    return states;
}

void Context::set_states(const std::vector<LayerState>& states) {
    States all = impl_->executor.states();
    std::erase_if(all, [](const auto& kept) { return kept.second.empty(); });
    for (const LayerState& state : states) all[layer_at(*impl_->graph, state.layer)] = state.tensors;
    impl_->executor.set_states(all);
}

namespace {

void map_arrays(WeightStore& store) {
    for (WeightGroup& group : store.groups)
        for (StoredWeight& weight : group.weights)
            if (weight.map) weight.read = weight.map;
}

Source with_weights(std::shared_ptr<ModelSpec> spec, const LoadOptions& options) {
    if (options.map_weights) map_arrays(spec->weights);
    const bool plain = options.graft.pairing == WeightPairing::of_the_file && !options.graft.skip_mismatch;
    if (options.weights.empty() && !plain) fail(Code::usage, "a way to pair weights, but no file of weights");
    if (options.weights.empty()) return {std::move(spec)};
    WeightStore own = std::move(spec->weights);
    spec->weights = {};
    formats::load_weights(options.weights, *spec);
    if (options.map_weights) map_arrays(spec->weights);
    return {std::move(spec), options.graft, options.graft.is_partial() ? std::move(own) : WeightStore{}};
}

/// LoadOptions::max_memory, held against what a load is about to take.
class Budget {
public:
    Budget(std::uint64_t file_bytes, const LoadOptions& options) : most_(options.max_memory) {
        if (most_ == 0) most_ = std::max(least, 4 * (file_bytes + formats::stored_bytes(options.weights)));
    }

    void take(std::uint64_t bytes, std::string_view what) {
        if (bytes > most_ - taken_)
            fail(Code::refused, what, " would take ", bytes, " bytes, more than the ", most_ - taken_,
                 " left of max_memory = ", most_);
        taken_ += bytes;
    }

private:
    static constexpr std::uint64_t least = std::uint64_t{2} << 30;
    std::uint64_t most_, taken_ = 0;
};

void take_arrays(Budget& budget, const Source& source) {
    budget.take(formats::bytes_of_arrays(source.spec->weights), "the weights");
    budget.take(formats::bytes_of_arrays(source.own), "the weights that others replace");
}

/// Problems carry the path of the file they are in: the model's, or that of the weights beside it.
Source read_source(const std::filesystem::path& path, const LoadOptions& options) {
    Budget budget(formats::stored_bytes(path), options);
    std::shared_ptr<ModelSpec> spec = in_context(path.string(), [&] {
        budget.take(formats::bytes_to_open(path), "reading the file");
        return formats::load_model(path);
    });
    if (!options.weights.empty())
        in_context(options.weights.string(),
                   [&] { budget.take(formats::bytes_to_open(options.weights), "reading the file"); });
    Source source = with_weights(std::move(spec), options);
    in_context(path.string(), [&] { take_arrays(budget, source); });
    return source;
}

/// What a graft leaves to the layers it has nothing for.
void give_first_weights(Graph& graph, const WeightStore& own, Problems& problems) {
    if (own.layout == WeightLayout::none) initialize_weights(graph, 0);
    else bind_weights(graph, own, {}, true, problems);
}

bool wants_weights(const Graph& graph) {
    return std::any_of(graph.layers.begin(), graph.layers.end(),
                       [](const GraphLayer& layer) { return !layer.declared.empty(); });
}

Tensor converted(const Tensor& tensor, const WeightSpec& wanted, DType dtype, const std::string& path) {
    if (!wanted.shape.is_compatible_with(tensor.shape()))
        fail(Code::weights, "weight '", path, "/", wanted.name, "': wanted shape ", wanted.shape, ", found ",
             tensor.shape());
    return tensor.cast(dtype);
}

void require_weights(const Graph& graph) {
    for (const GraphLayer& layer : graph.layers)
        if (layer.weights.size() != layer.declared.size())
            fail(Code::weights, "the model was only described: its weights are not loaded");
}

std::optional<Shape> single_shape(const Graph& graph, const std::vector<Port>& ports, std::string_view what) {
    if (ports.size() != 1) fail(Code::usage, "wanted a model with one ", what, ", this one has ", ports.size());
    return graph.edges[ports.front().edge].shape;
}

std::vector<TensorInfo> port_infos(const Graph& graph, const std::vector<Port>& ports) {
    std::vector<TensorInfo> infos;
    for (const Port& port : ports)
        infos.push_back({port.name, graph.edges[port.edge].shape, graph.edges[port.edge].dtype});
    return infos;
}

/// The reader takes them out of the store, which then is not all that the file holds.
bool has_own_variables(const Graph& graph) {
    return std::ranges::any_of(graph.nodes, [&](const Node& node) {
        return !own_variables(*node.object, graph.layers[node.layer].weights).empty();
    });
}

std::map<std::string, Shape> shapes_of(const WeightStore& store) {
    std::map<std::string, Shape> shapes;
    for (const WeightGroup& group : store.groups)
        for (const StoredWeight& weight : group.weights) shapes.emplace(weight.name, weight.shape);
    for (const StoredWeight& weight : store.top_level) shapes.emplace(weight.name, weight.shape);
    return shapes;
}

/// Of each layer's first input, where it is known.
std::map<const LayerSpec*, Shape> input_shapes(const Graph& graph) {
    std::map<const LayerSpec*, Shape> shapes;
    for (const GraphLayer& layer : graph.layers) {
        if (layer.calls.empty() || layer.calls.front().inputs.empty()) continue;
        const EdgeId edge = layer.calls.front().inputs.front();
        if (edge != no_edge && graph.edges[edge].shape) shapes.emplace(layer.spec, *graph.edges[edge].shape);
    }
    return shapes;
}

void check_passes(const std::vector<std::string>& passes) {
    const std::vector<std::string_view>& known = pass_names();
    for (const std::string& pass : passes)
        if (std::find(known.begin(), known.end(), pass) == known.end())
            fail(Code::usage, "no pass is called '", pass, "'", did_you_mean(pass, {known.begin(), known.end()}));
}

void check_precision(const RunOptions& options) {
    const DType precision = options.precision;
    if (precision != DType::float32 && precision != DType::bfloat16 && precision != DType::int8)
        fail(Code::usage, "wanted float32, bfloat16 or int8 weights, found ", precision);
    if (precision != DType::float32 && (options.reference || options.exact))
        fail(Code::usage, "weights of ", precision, " are neither exact nor the reference");
}

}  // namespace

Model::Model(std::shared_ptr<const State> state) : state_(std::move(state)) {}

Model::State Model::State::bound(const Source& source, std::shared_ptr<const CustomObjects> custom, bool read_arrays,
                                 Problems& problems) {
    Graph graph = build_graph(source.spec, std::move(custom), problems);
    const bool read = read_arrays && problems.empty();
    if (read && source.graft.is_partial()) give_first_weights(graph, source.own, problems);
    Alignment alignment;
    if (source.spec->weights.layout != WeightLayout::none)
        alignment = bind_weights(graph, source.spec->weights, source.graft, read && problems.empty(), problems);
    return {std::make_shared<Graph>(std::move(graph)), problems.errors(), false, std::move(alignment)};
}

std::shared_ptr<const Model::State> Model::State::complete(const Source& source,
                                                           std::shared_ptr<const CustomObjects> custom) {
    Problems problems;
    State state = bound(source, std::move(custom), true, problems);
    if (source.spec->weights.layout == WeightLayout::none && wants_weights(*state.graph))
        fail(Code::weights, "wanted weights, found only an architecture: name a weights file");
    problems.throw_if_any();
    return std::make_shared<State>(std::move(state));
}

std::shared_ptr<const Model::State> Model::State::made(Graph graph) {
    return std::make_shared<State>(State{std::make_shared<Graph>(std::move(graph)), {}, true});
}

std::shared_ptr<const Model::State> Model::State::initialized(std::shared_ptr<const ModelSpec> spec,
                                                              std::shared_ptr<const CustomObjects> custom,
                                                              std::uint64_t seed) {
    Problems problems;
    Graph graph = build_graph(std::move(spec), std::move(custom), problems);
    problems.throw_if_any();
    initialize_weights(graph, seed);
    return std::make_shared<State>(State{std::make_shared<Graph>(std::move(graph)), {}});
}

std::shared_ptr<const Model::State> Model::State::from_architecture(std::shared_ptr<ModelSpec> spec,
                                                                    const LoadOptions& options, std::uint64_t seed) {
    const Source source = with_weights(std::move(spec), options);
    auto custom = read_custom_objects(options);
    return options.weights.empty() ? initialized(source.spec, std::move(custom), seed)
                                   : complete(source, std::move(custom));
}

Model Model::load(const std::filesystem::path& path, const LoadOptions& options) {
    const auto custom = read_custom_objects(options);
    const Source source = read_source(path, options);
    return in_context(path.string(), [&] { return Model(State::complete(source, custom)); });
}

Model Model::load_bytes(std::span<const std::byte> bytes, const LoadOptions& options) {
    Budget budget(bytes.size(), options);
    budget.take(formats::bytes_to_open(bytes), "reading the file");
    const Source source = with_weights(formats::load_model(bytes), options);
    take_arrays(budget, source);
    return Model(State::complete(source, read_custom_objects(options)));
}

Model Model::from_json(std::string_view json, const LoadOptions& options, std::uint64_t seed) {
    return Model(State::from_architecture(formats::parse_model_json(json), options, seed));
}

Model Model::describe(const std::filesystem::path& path, const LoadOptions& options) {
    const auto custom = read_custom_objects(options);
    const Source source = read_source(path, options);
    Problems problems;
    State state = in_context(path.string(), [&] { return State::bound(source, custom, false, problems); });
    for (Error& problem : state.problems) problem.push_context(path.string());
    return Model(std::make_shared<State>(std::move(state)));
}

const std::vector<Error>& Model::problems() const { return state_->problems; }
const Alignment& Model::alignment() const { return state_->alignment; }
std::string Model::missing_custom_objects() const { return missing_custom_objects_text(*state_->graph); }
const std::string& Model::name() const { return state_->graph->spec->name; }
std::vector<TensorInfo> Model::inputs() const { return port_infos(*state_->graph, state_->graph->inputs); }
std::vector<TensorInfo> Model::outputs() const { return port_infos(*state_->graph, state_->graph->outputs); }

Shape Model::input_shape() const {
    return single_shape(*state_->graph, state_->graph->inputs, "input").value_or(Shape());
}

Shape Model::output_shape() const {
    const std::optional<Shape> shape = single_shape(*state_->graph, state_->graph->outputs, "output");
    if (!shape) fail(Code::unsupported, "the output shape is unknown: a layer before it is");
    return *shape;
}

Tensors Model::predict(const Tensors& inputs) const { return context().predict(inputs); }

Context Model::context(const RunOptions& options) const {
    if (!state_->problems.empty()) throw Error(state_->problems);
    require_weights(*state_->graph);
    check_passes(options.without_passes);
    check_precision(options);
    const PlanOptions wanted{options.reference, options.exact, options.without_passes, options.precision};
    auto plans = wanted == PlanOptions() ? state_->plans : std::make_shared<Plans>(state_->graph, wanted);
    return Context(std::make_unique<Context::Impl>(Context::Impl{state_->graph, Executor(std::move(plans))}));
}

std::vector<NamedTensor> Model::get_weights() const {
    std::vector<NamedTensor> weights;
    for (const GraphLayer& layer : state_->graph->layers)
        for (std::size_t i = 0; !layer.same_as && i < layer.weights.size(); ++i)
            weights.push_back({layer.path + "/" + layer.weights.name(i), layer.weights.tensor(i)});
    return weights;
}

Model Model::set_weights(const Tensors& weights) const {
    auto graph = std::make_shared<Graph>(*state_->graph);
    std::size_t wanted = 0;
    for (const GraphLayer& layer : graph->layers) wanted += layer.same_as ? 0 : layer.declared.size();
    if (weights.size() != wanted) fail(Code::weights, "wanted ", wanted, " weights, found ", weights.size());
    std::size_t next = 0;
    for (GraphLayer& layer : graph->layers) {
        if (layer.same_as) continue;
        Tensors taken;
        for (const WeightSpec& spec : layer.declared)
            taken.push_back(converted(weights[next++], spec, spec.dtype.value_or(layer.policy.variable), layer.path));
        set_layer_weights(layer, std::move(taken));
    }
    share_weights(*graph);
    return Model(std::make_shared<State>(State{std::move(graph), state_->problems, true}));
}

std::string Model::State::onnx_bytes() const {
    if (!problems.empty()) throw Error(problems);
    require_weights(*graph);
    return onnx::write_onnx(onnx::to_onnx(*graph));
}

WeightStore Model::State::weights_for(FileKind kind) const {
    if (!problems.empty()) throw Error(problems);
    const WeightLayout layout = formats::layout_of(kind);
    if (layout == WeightLayout::none) return {};
    require_weights(*graph);
    const WeightStore& stored = graph->spec->weights;
    const bool own_names = layout == WeightLayout::by_name;
    if (edited || own_names || stored.layout != layout) {
        WeightStore exported = export_weights(*graph, layout);
        if (!edited && !stored.grafted) exported.optimizer = stored.optimizer;
        return exported;
    }
    if (!stored.grafted) return stored;
    WeightStore exported = export_weights(*graph, layout);
    return kind == FileKind::object_weights && shapes_of(exported) == shapes_of(stored) ? stored : exported;
}

WeightStore Model::State::weights_for(formats::Saving& saving) const {
    WeightStore weights = weights_for(saving.kind);
    if (!saving.dtype) return weights;
    const WeightLayout layout = formats::layout_of(saving.kind);
    if (layout == WeightLayout::by_path && has_own_variables(*graph)) weights = export_weights(*graph, layout);
    Rounding rounding;
    WeightStore stored = stored_as(std::move(weights), *saving.dtype, rounding);
    saving.notes.push_back(rounding_text(rounding, *saving.dtype));
    return stored;
}

void Model::State::write(formats::Saving& saving, formats::OutputFile& file) const {
    if (saving.dtype) formats::require_stored_dtype(saving.kind, *saving.dtype, graph->spec->dialect);
    if (saving.kind != FileKind::onnx) return formats::write_model(*graph->spec, weights_for(saving), saving, file);
    formats::leave_training_out(*graph->spec, saving);
    file.write(onnx_bytes());
}

std::vector<std::pair<std::string, std::string>> Model::State::files(formats::Saving& saving) const {
    if (saving.dtype) formats::require_stored_dtype(saving.kind, *saving.dtype, graph->spec->dialect);
    return formats::write_folder(*graph->spec, weights_for(saving), input_shapes(*graph), saving);
}

bool Model::State::needs_keras2(const formats::Saving& saving) const {
    if (graph->spec->dialect != Dialect::keras1 || !formats::is_of_keras(saving.kind)) return false;
    const WeightStore& stored = graph->spec->weights;
    const bool is_copied =
        !edited && !stored.grafted && stored.file && stored.layout == formats::layout_of(saving.kind);
    return saving.kind != FileKind::h5 || saving.dtype || !is_copied;
}

std::string Model::save_bytes(FileKind kind) const {
    formats::Saving saving{kind};
    if (state_->needs_keras2(saving)) return translated(2).save_bytes(kind);
    return formats::bytes_of([&](formats::OutputFile& file) { state_->write(saving, file); });
}

Model Model::translated(int keras, std::vector<std::string>* notes) const {
    if (keras != 2 && keras != 3) fail(Code::usage, "wanted Keras 2 or 3, found ", keras);
    std::vector<std::string> said;
    const Dialect target = keras == 3 ? Dialect::keras3 : Dialect::keras2;
    Model model(State::translated(*state_, target, notes == nullptr ? said : *notes));
    return model;
}

Model Model::with_lambdas_expanded() const { return Model(State::with_lambdas_expanded(*state_)); }

void Model::save(const std::filesystem::path& path, const SaveOptions& options) const {
    formats::Saving saving{options.kind ? *options.kind : formats::kind_of_name(path.filename().string()),
                           options.strip, options.dtype};
    const bool is_older = !options.keras && state_->needs_keras2(saving);
    if (options.keras || is_older) {
        SaveOptions rest = options;
        rest.keras.reset();
        if (is_older && options.notes != nullptr)
            options.notes->push_back("a model of Keras 1, written as Keras 2.15 would write it");
        return translated(options.keras.value_or(2), options.notes).save(path, rest);
    }
    if (formats::is_folder(saving.kind))
        write_folder(path, in_context(path.string(), [&] { return state_->files(saving); }));
    else write_file(path, [&](formats::OutputFile& file) { state_->write(saving, file); });
    if (options.notes != nullptr) options.notes->insert(options.notes->end(), saving.notes.begin(), saving.notes.end());
}

bool Model::is_compiled() const { return layerctl::is_compiled(state_->graph->spec->metadata); }

std::string Model::get_config() const { return state_->graph->spec->config.text(); }

std::int64_t Model::count_params() const {
    std::int64_t count = 0;
    for (const GraphLayer& layer : state_->graph->layers)
        for (const WeightSpec& weight : layer.declared)
            if (!layer.same_as && weight.shape.is_known()) count += weight.shape.elements();
    return count;
}

std::string Model::summary(const SummaryOptions& options) const { return summary_text(*state_->graph, options); }
std::string Model::summary_json() const { return summary_json_text(*state_->graph); }

}  // namespace layerctl
