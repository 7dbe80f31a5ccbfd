// Permute: the axes behind the batch axis in another order, counted from 1.
#include <algorithm>

#include "engine/layer.hpp"
#include "engine/lowering.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl {
namespace {

class Permute final : public Layer, public Lowers {
    std::vector<std::int64_t> dims;

    void config(ConfigIo& io) override {
        io.required("dims", dims, [](std::vector<std::int64_t> order) {
            std::sort(order.begin(), order.end());
            for (std::size_t i = 0; i < order.size(); ++i)
                if (order[i] != static_cast<std::int64_t>(i + 1)) return "the numbers from 1 in some order";
            return static_cast<const char*>(nullptr);
        });
    }

    ops::Permutation order() const {
        ops::Permutation order = {0};
        order.insert(order.end(), dims.begin(), dims.end());
        return order;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() == dims.size() + 1, "wanted an input of rank ", dims.size() + 1, ", found shape ", in[0]);
        return {ops::transposed_shape(in[0], order())};
    }

    std::optional<Request> lower(const Shapes& in, const Weights&) const override { return permuted(in[0], order()); }

    DType input_dtype(std::size_t, DType given) const override { return keep(given); }
    void call(const Tensors& x, const Weights&, Tensors& y) const override { y[0] = ops::transpose(x[0], order()); }
};

LAYERCTL_REGISTER_LAYER(Permute);

}  // namespace
}  // namespace layerctl
