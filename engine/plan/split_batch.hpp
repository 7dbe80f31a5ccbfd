// A batch whose entries are computed one after the other, by threads that each take some: what an entry leaves for the
// next layer is near, and threads meet once.
#pragma once

#include "engine/kernels/workers.hpp"
#include "engine/plan/passes.hpp"
#include "engine/plan/plan.hpp"

namespace layerctl::plan {

/// Whether it pays for these operations on a batch: there is enough to do for every entry, its weights are used often
/// enough to be read again for each, and threads find about equal shares.
bool is_worth_splitting(const Graph& graph, const std::vector<Operation>& operations, const Shapes& shapes,
                        std::size_t threads);

/// Whether no entry of the batch has to do with another, by what these operations ask for.
bool has_separate_entries(const Graph& graph, const std::vector<Operation>& operations, const Shapes& shapes);

/// All of the graph as one step that computes `entry`, the plan for a batch of one, as often as there are entries;
/// nothing if that plan is not kernels alone.
std::optional<Step> entry_by_entry(const Graph& graph, std::shared_ptr<const Plan> entry, const Shapes& shapes,
                                   std::size_t threads);

}  // namespace layerctl::plan
