#include "engine/plan/split_batch.hpp"

#include <algorithm>
#include <array>

#include "engine/counts_macs.hpp"

namespace layerctl::plan {
namespace {

constexpr std::size_t most_pointers = 64;  // that a kernel is given

class EntriesKernel final : public Kernel {
public:
    EntriesKernel(const Graph& graph, std::shared_ptr<const Plan> entry, const Shapes& shapes, std::size_t threads)
        : entry_(std::move(entry)), batch_(static_cast<std::size_t>(shapes[graph.inputs[0].edge].front())) {
        for (const Port& port : graph.inputs) {
            const std::size_t bytes = dtype_size(graph.edges[port.edge].dtype);
            inputs_.push_back({port.edge, static_cast<std::size_t>(entry_->shapes[port.edge].elements()) * bytes});
        }
        for (const EdgeId edge : outputs_of(graph))
            outputs_.push_back({edge, static_cast<std::size_t>(entry_->shapes[edge].elements()) * sizeof(float)});
        for (const Step& step : entry_->steps)
            if (step.kernel != nullptr) calls_.push_back(call_of(step));
        constexpr std::size_t line = Tensor::alignment / sizeof(float);
        slot_ = (entry_->arena + entry_->scratch + line - 1) / line * line;
        slots_ = std::min(threads, batch_);
    }

    const char* name() const override { return "entry by entry"; }

    std::size_t scratch() const override { return slots_ * slot_; }

    bool takes(const float* const* x) const override {
        const auto is_input = [](const Operand& operand) { return operand.input != in_arena; };
        const auto takes_all = [&](const Call& call) {
            for (std::size_t i = 0; std::ranges::all_of(call.inputs, is_input) && i < batch_; ++i)
                if (!call.kernel->takes(pointers_of(call, i, x, nullptr).data())) return false;
            return true;
        };
        return std::ranges::all_of(calls_, takes_all);
    }

    void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const override {
        const std::size_t parts = std::min(slots_, workers.count());
        workers.share(parts, [&](std::size_t part) {
            for (std::size_t i = batch_ * part / parts; i < batch_ * (part + 1) / parts; ++i)
                compute(i, x, y, scratch + part * slot_, workers);
        });
    }

    /// The edges of all outputs, once each.
    static std::vector<EdgeId> outputs_of(const Graph& graph) {
        std::vector<EdgeId> edges;
        for (const Port& port : graph.outputs)
            if (std::ranges::count(edges, port.edge) == 0) edges.push_back(port.edge);
        return edges;
    }

private:
    struct Place {
        EdgeId edge;
        std::size_t bytes;  // of an entry
    };

    /// Where a kernel of the plan finds what it reads.
    struct Operand {
        std::size_t input;   // of the model, whose entries follow each other; or in_arena
        std::size_t offset;  // floats from the begin of the arena
    };
    struct Call {
        const Kernel* kernel;
        std::vector<Operand> inputs;
        std::vector<std::size_t> outputs;  // floats from the begin of the arena
    };
    static constexpr std::size_t in_arena = static_cast<std::size_t>(-1);

    Call call_of(const Step& step) const {
        Call call{step.kernel.get(), {}, {}};
        for (const EdgeId edge : step.inputs) {
            const auto found = std::ranges::find(inputs_, edge, &Place::edge);
            const auto input = static_cast<std::size_t>(found - inputs_.begin());
            call.inputs.push_back(found == inputs_.end() ? Operand{in_arena, entry_->offset[edge]} : Operand{input, 0});
        }
        for (const EdgeId edge : step.outputs) call.outputs.push_back(entry_->offset[edge]);
        return call;
    }

    /// What a kernel reads of entry i, then no masks.
    std::array<const float*, most_pointers> pointers_of(const Call& call, std::size_t i, const float* const* x,
                                                        const float* arena) const {
        std::array<const float*, most_pointers> pointers{};
        for (std::size_t k = 0; k < call.inputs.size(); ++k) {
            const Operand& operand = call.inputs[k];
            if (operand.input == in_arena) {
                pointers[k] = arena + operand.offset;
                continue;
            }
            const auto* bytes = reinterpret_cast<const std::byte*>(x[operand.input]);
            pointers[k] = reinterpret_cast<const float*>(bytes + i * inputs_[operand.input].bytes);
        }
        return pointers;
    }

    void compute(std::size_t i, const float* const* x, float* const* y, float* arena, Workers& workers) const {
        for (const Call& call : calls_) {
            const auto in = pointers_of(call, i, x, arena);
            std::array<float*, most_pointers> out{};
            for (std::size_t k = 0; k < call.outputs.size(); ++k) out[k] = arena + call.outputs[k];
            call.kernel->run(in.data(), out.data(), arena + entry_->arena, workers);
        }
        for (std::size_t k = 0; k < outputs_.size(); ++k) {
            const std::size_t floats = outputs_[k].bytes / sizeof(float);
            std::copy_n(arena + entry_->offset[outputs_[k].edge], floats, y[k] + i * floats);
        }
    }

    std::shared_ptr<const Plan> entry_;
    std::size_t batch_;
    std::vector<Place> inputs_, outputs_;
    std::vector<Call> calls_;
    std::size_t slot_ = 0;   // floats for an entry
    std::size_t slots_ = 1;  // entries that can be computed at the same time
};

struct Work {
    std::int64_t macs = 0, weights = 0;
};

Work work_of(const Graph& graph, const Operation& operation, const Shapes& shapes) {
    Work work;
    for (const std::size_t place : operation.nodes) {
        const Node& node = graph.nodes[place];
        if (const auto* counts = dynamic_cast<const CountsMacs*>(node.object.get()))
            work.macs += counts->macs(shapes_of(node.inputs, shapes)).value_or(0);
        work.weights += weights_of(graph.layers[node.layer]);
    }
    return work;
}

bool is_recurrent(const Operation& operation) {
    return std::holds_alternative<Recurrence>(*operation.request) ||
           std::holds_alternative<Bidirection>(*operation.request);
}

bool fits(const Graph& graph, const Plan& entry, const Shapes& shapes) {
    const auto is_plain = [](const Step& step) {
        return (step.kernel != nullptr || step.is_alias) && step.states.empty() && !step.brings_masks &&
               2 * step.inputs.size() <= most_pointers && step.outputs.size() <= most_pointers;
    };
    const auto is_made = [&](EdgeId edge) { return entry.offset[edge] != Plan::nowhere; };
    for (std::size_t edge = 0; edge < shapes.size(); ++edge)
        if (shapes[edge].rank() > 0 && shapes[edge].with_front(1) != entry.shapes[edge]) return false;
    return graph.row_lengths.empty() && std::ranges::all_of(entry.steps, is_plain) &&
           std::ranges::all_of(EntriesKernel::outputs_of(graph), is_made);
}

}  // namespace

bool is_worth_splitting(const Graph& graph, const std::vector<Operation>& operations, const Shapes& shapes,
                        std::size_t threads) {
    constexpr std::int64_t least_macs = 1 << 21, often = 16;
    constexpr std::int64_t per_weight = 12;   // multiply-accumulates in the time that it takes to read one again
    constexpr std::int64_t small_share = 14;  // of the time
    const std::int64_t batch = shapes[graph.inputs[0].edge].front();
    const auto shares = static_cast<std::int64_t>(threads), rounds = (batch + shares - 1) / shares;
    if (batch < 2 || batch < shares || 3 * rounds * shares > 4 * batch) return false;
    std::int64_t macs = 0, read_again = 0;
    for (const Operation& operation : operations) {
        const Work work = work_of(graph, operation, shapes);
        if (is_recurrent(operation)) return false;  // its weights are read at every step, for all entries at once
        macs += work.macs / batch;
        if (work.macs / batch / often < work.weights) read_again += work.weights;
    }
    return macs >= least_macs && read_again <= macs / per_weight / small_share;
}

std::optional<Step> entry_by_entry(const Graph& graph, std::shared_ptr<const Plan> entry, const Shapes& shapes,
                                   std::size_t threads) {
    if (!fits(graph, *entry, shapes)) return {};
    Step step{
        .nodes = {}, .kernel = nullptr, .declined = "", .inputs = {}, .outputs = EntriesKernel::outputs_of(graph)};
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) step.nodes.push_back(i);
    for (const Port& port : graph.inputs) step.inputs.push_back(port.edge);
    step.masks.assign(step.nodes.size(), {{.inputs = MaskRule::Inputs::refused}, {}});
    step.kernel = std::make_shared<EntriesKernel>(graph, std::move(entry), shapes, threads);
    return step;
}

}  // namespace layerctl::plan
