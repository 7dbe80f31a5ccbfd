// What a Model shares between its copies. Internal to api.
#pragma once

#include <memory>
#include <vector>

#include "api/layerctl.hpp"
#include "engine/graph/graph.hpp"

namespace layerctl {

struct Model::State {
    std::shared_ptr<const Graph> graph;
    std::vector<Error> problems;

    /// Built, with the weights of the spec bound; throws all problems at once.
    static std::shared_ptr<const State> complete(std::shared_ptr<const ModelSpec> spec);

    /// Built, with weights drawn from the initializers.
    static std::shared_ptr<const State> initialized(std::shared_ptr<const ModelSpec> spec, std::uint64_t seed);
};

}  // namespace layerctl
