#include "engine/plan/memory.hpp"

#include <algorithm>
#include <map>

namespace layerctl::plan {
namespace {

/// Rounded up such that every value begins at a cache line.
std::size_t floats_of(const Shape& shape) {
    constexpr std::size_t line = Tensor::alignment / sizeof(float);
    return (static_cast<std::size_t>(shape.elements()) + line - 1) / line * line;
}

/// The last step at which every edge must still be there; the number of steps for outputs of the model. The memory of
/// an alias is needed as long as the alias.
std::vector<std::size_t> last_uses(const Graph& graph, const Plan& plan) {
    std::vector<std::size_t> last(graph.edges.size());
    for (const Port& port : graph.outputs) last[port.edge] = plan.steps.size();
    for (std::size_t i = plan.steps.size(); i-- > 0;) {
        const Step& step = plan.steps[i];
        std::size_t until = i;
        if (step.is_alias)
            for (const EdgeId edge : step.outputs) until = std::max(until, last[edge]);
        for (const EdgeId edge : step.inputs)
            if (edge != no_edge) last[edge] = std::max(last[edge], until);
        for (const std::size_t node : step.nodes)
            for (const EdgeId edge : graph.nodes[node].masks)
                if (edge != no_edge) last[edge] = std::max(last[edge], i);
    }
    return last;
}

/// Inputs of the model stay for the next run, and what it returns until then.
void find_last_reads(const Graph& graph, Plan& plan) {
    std::vector<std::size_t> last(graph.edges.size(), plan.steps.size());
    for (std::size_t i = 0; i < plan.steps.size(); ++i)
        for (const std::size_t place : plan.steps[i].nodes) {
            const Node& node = graph.nodes[place];
            for (const std::vector<EdgeId>* edges : {&node.inputs, &node.masks, &node.outputs})
                for (const EdgeId edge : *edges)
                    if (edge != no_edge) last[edge] = i;
        }
    for (const std::vector<Port>* ports : {&graph.inputs, &graph.outputs})
        for (const Port& port : *ports) last[port.edge] = plan.steps.size();
    for (EdgeId edge = 0; edge < last.size(); ++edge)
        if (last[edge] < plan.steps.size()) plan.steps[last[edge]].last_reads.push_back(edge);
}

/// Free stretches of the block, by where they begin; the block grows if none is long enough.
class Block {
public:
    std::size_t take(std::size_t floats) {
        auto best = free_.end();
        for (auto it = free_.begin(); it != free_.end(); ++it)
            if (it->second >= floats && (best == free_.end() || it->second < best->second)) best = it;
        if (best == free_.end()) return grow(floats);
        const auto [begin, length] = *best;
        free_.erase(best);
        if (length > floats) free_.emplace(begin + floats, length - floats);
        return begin;
    }

    void give_back(std::size_t begin, std::size_t floats) {
        auto [it, is_new] = free_.emplace(begin, floats);
        if (const auto next = std::next(it); next != free_.end() && it->first + it->second == next->first) {
            it->second += next->second;
            free_.erase(next);
        }
        if (it == free_.begin()) return;
        const auto before = std::prev(it);
        if (before->first + before->second != it->first) return;
        before->second += it->second;
        free_.erase(it);
    }

    std::size_t size() const { return size_; }

private:
    /// A stretch at the end is made longer.
    std::size_t grow(std::size_t floats) {
        std::size_t begin = size_;
        if (!free_.empty() && free_.rbegin()->first + free_.rbegin()->second == size_) {
            begin = free_.rbegin()->first;
            free_.erase(begin);
        }
        size_ = begin + floats;
        return begin;
    }

    std::map<std::size_t, std::size_t> free_;
    std::size_t size_ = 0;
};

/// Passes whose input lies in the block need no memory of their own.
void find_aliases(const Graph& graph, Plan& plan) {
    std::vector<bool> placed(graph.edges.size());
    for (Step& step : plan.steps) {
        if (step.kernel == nullptr) continue;
        if (step.passes_on && placed[step.inputs[0]]) {
            step.is_alias = true;
            step.kernel = nullptr;
        }
        for (const EdgeId edge : step.outputs) placed[edge] = true;
    }
}

/// Whether the output of a step may take the place of that input, which may be one several times.
bool may_replace(const Step& step, EdgeId edge) {
    bool is_input = false;
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
        if (step.inputs[i] != edge) continue;
        if (!step.kernel->may_replace(i)) return false;
        is_input = true;
    }
    return is_input;
}

/// Among the values that end with a step, the one whose place its output takes.
std::vector<EdgeId>::iterator find_replaced(const Step& step, const Plan& plan, std::vector<EdgeId>& ending) {
    if (step.outputs.size() != 1) return ending.end();
    const std::size_t floats = floats_of(plan.shapes[step.outputs[0]]);
    return std::find_if(ending.begin(), ending.end(), [&](EdgeId edge) {
        return floats_of(plan.shapes[edge]) == floats && may_replace(step, edge);
    });
}

}  // namespace

void place_edges(const Graph& graph, Plan& plan) {
    find_last_reads(graph, plan);
    find_aliases(graph, plan);
    const std::vector<std::size_t> last = last_uses(graph, plan);
    std::vector<std::vector<EdgeId>> ending(plan.steps.size() + 1);
    plan.offset.assign(graph.edges.size(), Plan::nowhere);
    Block block;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        const Step& step = plan.steps[i];
        if (step.is_alias) plan.offset[step.outputs[0]] = plan.offset[step.inputs[0]];
        if (step.kernel != nullptr) {
            plan.scratch = std::max(plan.scratch, step.kernel->scratch());
            for (const EdgeId edge : step.outputs) {
                if (const auto replaced = find_replaced(step, plan, ending[i]); replaced != ending[i].end()) {
                    plan.offset[edge] = plan.offset[*replaced];
                    ending[i].erase(replaced);
                } else {
                    plan.offset[edge] = block.take(floats_of(plan.shapes[edge]));
                }
                ending[std::max(last[edge], i)].push_back(edge);
            }
        }
        for (const EdgeId edge : ending[i]) block.give_back(plan.offset[edge], floats_of(plan.shapes[edge]));
    }
    plan.arena = block.size();
}

}  // namespace layerctl::plan
