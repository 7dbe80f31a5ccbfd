// Recurrent layers: the inputs of all steps are projected at once, then a step at a time over packed recurrent weights.
// Two in opposite directions go through the sequence at the same time.
#include <algorithm>
#include <array>

#include "engine/kernels/kernel.hpp"
#include "engine/kernels/recurrent.hpp"
#include "engine/kernels/shared_product.hpp"
#include "models/error.hpp"

namespace layerctl {
namespace {

using Merge = Bidirection::Merge;

class RecurrenceKernel final : public Kernel {
public:
    /// One or two layers with so many inputs; states follow the sequence.
    RecurrenceKernel(std::vector<Recurrent> layers, std::optional<Merge> merge, std::size_t inputs)
        : layers_(std::move(layers)), merge_(merge), inputs_(inputs) {}

    const char* name() const override { return "recurrence"; }

    std::size_t scratch() const override {
        std::size_t sum = 0;
        for (const Recurrent& layer : layers_) sum += layer.scratch() + (merges() ? outputs(layer) : 0);
        return sum;
    }

    void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const override {
        std::array<Recurrent::Run, 2> runs;
        std::size_t macs = 0;
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            runs[i] = run_of(i, x, y, scratch);
            scratch += layers_[i].scratch() + (merges() ? outputs(layers_[i]) : 0);
            layers_[i].project(runs[i], workers);
            macs += layers_[i].macs();
        }
        go_through(runs, parts_for(macs, workers), workers);
        if (merges()) merge(runs[0].y, runs[1].y, y[0]);
        if (keeps_states() && layers_[0].returns_states()) return_kept(y);
    }

private:
    /// The layers side by side, and parts of the batch if that is not enough.
    void go_through(const std::array<Recurrent::Run, 2>& runs, std::size_t parts, Workers& workers) const {
        const std::size_t batch = layers_[0].batch(), count = layers_.size();
        const std::size_t slices = std::clamp<std::size_t>(parts / count, 1, batch);
        const auto go = [&](std::size_t part) {
            const std::size_t slice = part / count;
            layers_[part % count].go_through(runs[part % count],
                                             {batch * slice / slices, batch * (slice + 1) / slices});
        };
        if (parts > 1) return workers.share(slices * count, go);
        for (std::size_t i = 0; i < count; ++i) go(i);
    }

    /// Whether two sequences become one number by number.
    bool merges() const { return merge_ && *merge_ != Merge::concat; }

    static std::size_t outputs(const Recurrent& layer) { return layer.rows() * layer.units(); }

    std::size_t sequences() const { return merge_ ? 1 : layers_.size(); }
    std::size_t states() const { return layers_.size() * layers_[0].states(); }
    bool keeps_states() const { return layers_[0].keeps_states(); }

    /// Where states for the next run, or those returned, are among the outputs.
    std::size_t place_of_states() const {
        return sequences() + (keeps_states() && layers_[0].returns_states() ? states() : 0);
    }

    void return_kept(float* const* y) const {
        float *const *to = y + sequences(), *const *from = y + place_of_states();
        for (std::size_t i = 0; i < states(); ++i)
            std::copy_n(from[i], layers_[0].batch() * layers_[i / layers_[0].states()].units(), to[i]);
    }

    /// Layer i's own inputs and outputs; the scratch memory begins with what is merged.
    Recurrent::Run run_of(std::size_t i, const float* const* x, float* const* y, float* scratch) const {
        const Recurrent& layer = layers_[i];
        const bool has_initial = inputs_ > 1 || keeps_states();
        const bool ends_in_states = layer.returns_states() || keeps_states();
        const std::size_t first_mask = inputs_ + (keeps_states() ? states() : 0);
        Recurrent::Run run{.x = x[0],
                           .initial = has_initial ? x + 1 + i * layer.states() : nullptr,
                           .y = y[merge_ ? 0 : i],
                           .y_stride = layer.units(),
                           .turned = i == 1,
                           .states = ends_in_states ? y + place_of_states() + i * layer.states() : nullptr,
                           .mask = reinterpret_cast<const bool*>(x[first_mask]),
                           .scratch = scratch};
        if (merges()) {
            run.y = scratch;
            run.scratch += outputs(layer);
        }
        if (merge_ == Merge::concat) {
            run.y_stride = layers_[0].units() + layers_[1].units();
            if (i == 1) run.y += layers_[0].units();
        }
        return run;
    }

    void merge(const float* a, const float* b, float* y) const {
        const std::size_t n = outputs(layers_[0]);
        const float factor = merge_ == Merge::ave ? 0.5f : 1.0f;
        if (merge_ == Merge::mul)
            for (std::size_t i = 0; i < n; ++i) y[i] = a[i] * b[i];
        else
            for (std::size_t i = 0; i < n; ++i) y[i] = (a[i] + b[i]) * factor;
    }

    std::vector<Recurrent> layers_;
    std::optional<Merge> merge_;
    std::size_t inputs_;
};

Candidate make_recurrence(std::initializer_list<Recurrence> requests, std::optional<Merge> merge, const Shapes& in,
                          const PackedWeights& weights) {
    std::vector<Recurrent> layers;
    for (const Recurrence& request : requests) {
        std::optional<Recurrent> layer = Recurrent::of(request, in[0], weights.part(cat(layers.size())));
        if (!layer) return Candidate::no("its activation");
        layers.push_back(std::move(*layer));
    }
    return {std::make_unique<RecurrenceKernel>(std::move(layers), merge, in.size()), ""};
}

}  // namespace

Candidate make_kernel(const Recurrence& request, const Shapes& in, const PackedWeights& weights) {
    return make_recurrence({request}, {}, in, weights);
}

Candidate make_kernel(const Bidirection& request, const Shapes& in, const PackedWeights& weights) {
    return make_recurrence({request.forward, request.backward}, request.merge, in, weights);
}

}  // namespace layerctl
