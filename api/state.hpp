// What a Model shares between its copies. Internal to api.
#pragma once

#include <memory>
#include <vector>

#include "api/layerctl.hpp"
#include "engine/exec/executor.hpp"
#include "formats/output_file.hpp"
#include "formats/saving.hpp"

namespace layerctl {

/// A model as files describe it.
struct Source {
    std::shared_ptr<const ModelSpec> spec;
    Graft graft = {};
    WeightStore own = {};  // of the model's own file, if the spec has those of another
};

struct Model::State {
    std::shared_ptr<const Graph> graph;
    std::vector<Error> problems;
    bool edited = false;  // its weights are not those of the file it came from
    Alignment alignment = {};
    std::shared_ptr<Plans> plans = std::make_shared<Plans>(graph, PlanOptions());  // of every context without options

    /// Keras 1 has files of its own, which are copied; what else is written of its models is of Keras 2.
    bool needs_keras2(const formats::Saving& saving) const;

    /// As a kind of file wants them laid out; those of the source as they are, where that is so already.
    WeightStore weights_for(FileKind kind) const;

    /// The same in the dtype that is asked for.
    WeightStore weights_for(formats::Saving& saving) const;

    /// The model as a file that is no folder.
    void write(formats::Saving& saving, formats::OutputFile& file) const;

    /// The files of a folder, by name.
    std::vector<std::pair<std::string, std::string>> files(formats::Saving& saving) const;

    /// The model as a graph of ONNX.
    std::string onnx_bytes() const;

    /// Built, with the weights of the spec bound, or only held against it; problems are kept.
    static State bound(const Source& source, std::shared_ptr<const CustomObjects> custom, bool read_arrays,
                       Problems& problems);

    /// The same; throws all problems at once.
    static std::shared_ptr<const State> complete(const Source& source, std::shared_ptr<const CustomObjects> custom);

    /// Built, with weights drawn from the initializers.
    static std::shared_ptr<const State> initialized(std::shared_ptr<const ModelSpec> spec,
                                                    std::shared_ptr<const CustomObjects> custom, std::uint64_t seed);

    /// Built in code: its weights are in no file.
    static std::shared_ptr<const State> made(Graph graph);

    /// In the terms of another Keras, with the same weights.
    static std::shared_ptr<const State> translated(const State& state, Dialect target, std::vector<std::string>& notes);

    /// With operations in place of its Lambda layers.
    static std::shared_ptr<const State> with_lambdas_expanded(const State& state);

    /// With the weights, custom objects and plug-ins that `options` name; without weights there, from the initializers.
    static std::shared_ptr<const State> from_architecture(std::shared_ptr<ModelSpec> spec, const LoadOptions& options,
                                                          std::uint64_t seed);
};

struct Context::Impl {
    std::shared_ptr<const Graph> graph;
    Executor executor;
};

}  // namespace layerctl
