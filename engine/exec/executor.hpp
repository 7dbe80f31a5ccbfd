// Executor: runs a Graph forward as a Plan says: by kernels where there are some, else by each layer's own arithmetic.
#pragma once

#include <memory>
#include <vector>

#include "engine/plan/plan.hpp"

namespace layerctl {

/// What flows into a run or out of it. `masks` is empty or as long as `tensors`.
struct Flow {
    Tensors tensors;
    Masks masks;
};

/// Is told where a run is: nodes by their place in Graph::nodes, one after the other. Of nodes that are computed
/// together, the first.
class RunObserver {
public:
    virtual ~RunObserver() = default;
    virtual void begin(std::size_t node) = 0;
    virtual void end(std::size_t node) = 0;
};

/// What one thread needs to run a graph. Several executors may share one graph and its plans.
class Executor {
public:
    /// The graph must be complete: no opaque layer, all weights bound.
    explicit Executor(std::shared_ptr<Plans> plans);

    /// Every layer by its own arithmetic.
    explicit Executor(std::shared_ptr<const Graph> graph)
        : Executor(std::make_shared<Plans>(std::move(graph), PlanOptions{.reference = true})) {}

    /// One tensor per input of the graph, batch first, of any numeric dtype (strings for string inputs); returns one
    /// per output. A wrong count, shape or dtype is Code::input and names the input.
    /// Layers that keep state go on from where the last complete run left them.
    Tensors run(const Tensors& inputs) { return run(Flow{inputs, {}}).tensors; }

    /// The same with masks, watched by `observer` unless it is null.
    Flow run(const Flow& inputs, RunObserver* observer = nullptr);

    /// For callers that run the same shapes again and again: takes the inputs, which `run_bound` reads as they are
    /// then, numbers of another dtype as they are now.
    void bind(const Tensors& inputs);

    /// Runs on what was bound. The outputs stay as they are until the next run; if kernels compute all of the graph, it
    /// allocates nothing but in its first run.
    const Tensors& run_bound();

    /// How inputs of these shapes are computed.
    std::shared_ptr<const Plan> plan(const Shapes& inputs) const;

    /// What stateful layers keep, as the last complete run left it. Of a layer that has not run yet: zeros, or nothing
    /// while the batch size is unknown.
    States states() const;

    /// What they find in the next run instead; layers left out begin with zeros. A layer that keeps nothing, or another
    /// number or other shapes than it keeps: Code::input.
    void set_states(const States& states);

private:
    void take(const Flow& inputs);
    Tensor checked_input(std::size_t i, const Tensor& given) const;
    void mask_ragged_rows();
    void adopt_plan(const Shapes& inputs);
    void call_workers();
    void prepare_calls();
    bool run_calls();
    void compute(RunObserver* observer);
    void run_step(const Step& step);
    bool suits_kernel(const Step& step) const;
    bool run_kernel(const Step& step);
    void add_kept_states(const Step& step);
    void add_masks(const Step& step);
    void set_mask(EdgeId edge, Tensor mask);
    const Tensor* mask_of(const Node& node, std::size_t input);
    bool hand_on_masks(const Step& step);
    bool hand_on_masks(const Node& node, const NodeMasks& masks);
    Tensor& made_mask(EdgeId edge);
    const float* values(EdgeId edge) const;
    float* place(EdgeId edge) { return arena_.get() + plan_->offset[edge]; }
    void take_from_arena(EdgeId edge);
    void forget(EdgeId edge);
    std::map<std::size_t, Shapes> declared_states() const;
    Tensors gather(const Node& node) const;
    void check_built(const Node& node, const Tensors& x) const;
    Tensors outputs(const Node& node, const Tensors& x) const;
    Masks masks_of(const Node& node);
    void run_node(const Node& node);
    Tensors& state_of(const Node& node, const Shapes& wanted);
    void take_mask_off(EdgeId edge);

    std::shared_ptr<Plans> plans_;
    std::shared_ptr<const Graph> graph_;
    Shapes input_shapes_;                          // what the plan was made for
    std::shared_ptr<const Plan> plan_;
    Tensors edges_;                // live values during a run, but for those in the arena
    std::vector<char> in_arena_;   // by edge: computed by a kernel in this run
    std::shared_ptr<Workers> workers_;
    std::shared_ptr<float[]> arena_;  // the values of edges, then what kernels need besides
    std::vector<const float*> kernel_inputs_;
    std::vector<float*> kernel_outputs_;
    std::vector<const Tensor*> mask_at_;  // by edge: its mask, one of those below; null where there is none
    Masks masks_;                         // by edge: the mask that was made there in this run, or an earlier one
    Masks explicit_masks_;                // by edge: its numbers as a mask
    bool has_masks_ = false;              // there may be some
    bool is_bound_ = false;

    /// A kernel, and where its inputs and outputs begin in the lists below.
    struct Call {
        const Kernel* kernel;
        std::size_t x, y;
    };
    std::vector<Call> calls_;  // of a bound run that is nothing but kernels; else none
    std::vector<const float*> call_inputs_;
    std::vector<float*> call_outputs_;
    Tensors outputs_;  // of bound runs
    States states_;    // as the last complete run left them
    States changing_;  // the same during a run
};

}  // namespace layerctl
