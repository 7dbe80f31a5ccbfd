// Attention: inputs are projected for all heads at once, then heads share the threads.
#include <algorithm>

#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"

namespace layerctl {
namespace {

/// Sizes of an attention; `batch` counts what attends to itself alone.
struct Sizes {
    std::size_t batch = 0, queries = 0, positions = 0;
    std::size_t heads = 0, key_value_heads = 0, key_size = 0, value_size = 0;

    std::size_t query_numbers() const { return batch * queries * heads * key_size; }
    std::size_t key_numbers() const { return batch * positions * key_value_heads * key_size; }
    std::size_t value_numbers() const { return batch * positions * key_value_heads * value_size; }
    std::size_t result_numbers() const { return batch * queries * heads * value_size; }
    std::size_t macs() const { return batch * heads * queries * positions * (key_size + value_size); }
};

struct Projections {
    simd::Panels query, key, value, output;
};

class AttentionKernel final : public Kernel {
public:
    AttentionKernel(const DotProductAttention& request, const Sizes& sizes, std::size_t inputs,
                    const PackedWeights& weights)
        : sizes_(sizes), causal_(request.causal), scale_(static_cast<float>(request.scale)), inputs_(inputs) {
        if (const auto& given = request.projections)
            projections_ = {packed(given->query, weights.part("query")), packed(given->key, weights.part("key")),
                            packed(given->value, weights.part("value")), packed(given->output, weights.part("output"))};
        per_head_ = simd::attention_scratch(head({}, 0));
        constexpr std::size_t always_allowed = 1 << 22, most = 64;
        slots_ = std::clamp<std::size_t>(std::max(always_allowed, 4 * projected()) / per_head_, 1,
                                         std::min(most, sizes.batch * sizes.heads));
    }

    const char* name() const override { return "attention"; }

    std::size_t scratch() const override { return (projections_ ? projected() : 0) + slots_ * per_head_; }

    void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const override {
        Operands operands{x[0], x[inputs_ - 1], x[1], y[0]};
        if (projections_) {
            const auto project = [&](const float* from, const simd::Panels& matrix, std::size_t numbers) {
                shared_product(from, numbers / matrix.n, matrix, {}, scratch, workers);
                scratch += numbers;
                return scratch - numbers;
            };
            operands = {project(operands.query, projections_->query, sizes_.query_numbers()),
                        project(operands.key, projections_->key, sizes_.key_numbers()),
                        project(operands.value, projections_->value, sizes_.value_numbers()), scratch};
            scratch += sizes_.result_numbers();
        }
        attend(operands, scratch, workers);
        if (projections_)
            shared_product(operands.result, sizes_.batch * sizes_.queries, projections_->output, {}, y[0], workers);
    }

private:
    /// (batch, …, heads, size) each.
    struct Operands {
        const float *query = nullptr, *key = nullptr, *value = nullptr;
        float* result = nullptr;
    };

    std::size_t projected() const {
        return sizes_.query_numbers() + sizes_.key_numbers() + sizes_.value_numbers() + sizes_.result_numbers();
    }

    void attend(const Operands& operands, float* scratch, Workers& workers) const {
        const std::size_t heads = sizes_.batch * sizes_.heads;
        const std::size_t parts = std::min(slots_, parts_for(sizes_.macs(), workers));
        workers.share(parts, [&](std::size_t part) {
            for (std::size_t i = heads * part / parts; i < heads * (part + 1) / parts; ++i) {
                simd::AttentionHead one = head(operands, i);
                one.scratch = scratch + part * per_head_;
                simd::attend(one);
            }
        });
    }

    /// Head i of all entries of the batch; several heads may share keys and values.
    simd::AttentionHead head(const Operands& operands, std::size_t i) const {
        const Sizes& s = sizes_;
        const std::size_t entry = i / s.heads, of_query = i % s.heads;
        const std::size_t of_value = of_query / (s.heads / s.key_value_heads);
        const auto place = [&](std::size_t rows, std::size_t heads, std::size_t which, std::size_t size) {
            return (entry * rows * heads + which) * size;
        };
        return {.query = operands.query + place(s.queries, s.heads, of_query, s.key_size),
                .query_stride = static_cast<std::ptrdiff_t>(s.heads * s.key_size),
                .queries = s.queries,
                .key = operands.key + place(s.positions, s.key_value_heads, of_value, s.key_size),
                .key_stride = static_cast<std::ptrdiff_t>(s.key_value_heads * s.key_size),
                .value = operands.value + place(s.positions, s.key_value_heads, of_value, s.value_size),
                .value_stride = static_cast<std::ptrdiff_t>(s.key_value_heads * s.value_size),
                .positions = s.positions,
                .key_size = s.key_size,
                .value_size = s.value_size,
                .scale = scale_,
                .causal = causal_,
                .y = operands.result + place(s.queries, s.heads, of_query, s.value_size),
                .y_stride = static_cast<std::ptrdiff_t>(s.heads * s.value_size)};
    }

    Sizes sizes_;
    bool causal_;
    float scale_;
    std::size_t inputs_;
    std::optional<Projections> projections_;
    std::size_t per_head_ = 0;
    std::size_t slots_ = 1;  // heads that can be computed at the same time
};

}  // namespace

Candidate make_kernel(const DotProductAttention& request, const Shapes& in, const PackedWeights& weights) {
    const Shape &query = in[0], &value = in[1], &key = in.back();
    const std::size_t last = query.rank() - 1, first = last - request.attended_axes;
    const auto size = [](std::int64_t n) { return static_cast<std::size_t>(n); };
    Sizes sizes{.batch = size(query.elements(0, first)),
                .queries = size(query.elements(first, last)),
                .positions = size(value.elements(first, last)),
                .heads = request.heads,
                .key_value_heads = request.key_value_heads,
                .key_size = size(key.back()),
                .value_size = size(value.back())};
    if (const auto& projections = request.projections) {
        sizes.key_size = size(projections->key.kernel.shape().back()) / sizes.key_value_heads;
        sizes.value_size = size(projections->value.kernel.shape().back()) / sizes.key_value_heads;
    }
    return {std::make_unique<AttentionKernel>(request, sizes, in.size(), weights), ""};
}

}  // namespace layerctl
