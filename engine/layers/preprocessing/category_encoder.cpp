#include "engine/layers/preprocessing/category_encoder.hpp"

#include <algorithm>

#include "engine/layer.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

/// The indices as (outer, counted, inner): those along the middle axis share one row of categories.
struct Samples {
    std::int64_t outer = 1, counted = 1, inner = 1;
};

Samples samples(OutputMode mode, const Shape& in) {
    if (mode == OutputMode::one_hot) return {in.elements(), 1, 1};
    if (in.rank() == 1) return {1, in[0], 1};
    return {in[0], in[1], in.elements(2, in.rank())};
}

bool is_column(const Shape& in) { return in.rank() > 1 && in.back() == 1; }

}  // namespace

Shape CategoryEncoder::shape(const Shape& in) const {
    if (mode == OutputMode::integer) return in;
    require(in.rank() > 0, "input must have a rank of 1 or more, found shape ", in);
    std::vector<std::int64_t> dims = in.dims();
    if (mode != OutputMode::one_hot)
        dims.erase(dims.begin() + (in.rank() > 2 ? 1 : static_cast<std::ptrdiff_t>(in.rank()) - 1));
    else if (is_column(in)) dims.pop_back();
    dims.push_back(depth);
    require(dialect == Dialect::keras3 || (in.rank() <= 2 && dims.size() <= 2),
            "Keras 2 encodes a sample an axis, found shape ", in);
    return Shape(std::move(dims));
}

void CategoryEncoder::encode(const Tensor& indices, const Tensor& weights, Tensor& y) const {
    if (mode == OutputMode::integer) {
        y = indices.cast(y.dtype());
        return;
    }
    if (y.shape() != shape(indices.shape()))
        fail(Code::internal, "indices of shape ", indices.shape(), " into an output of shape ", y.shape());
    const bool adds = mode == OutputMode::count || mode == OutputMode::tf_idf;
    const bool weighs_indices = mode == OutputMode::count && weights.has_value();
    const Samples size = samples(mode, indices.shape());
    const auto from = indices.values<std::int64_t>();
    with_arithmetic(y.dtype(), [&]<class T>(Type<T>) {
        const auto to = y.mutable_values<T>();
        std::fill(to.begin(), to.end(), T(0));
        for (std::int64_t outer = 0; outer < size.outer; ++outer)
            for (std::int64_t i = 0; i < size.counted * size.inner; ++i) {
                const auto at = static_cast<std::size_t>(outer * size.counted * size.inner + i);
                if (from[at] < 0 || from[at] >= depth) continue;
                T& place = to[static_cast<std::size_t>((outer * size.inner + i % size.inner) * depth + from[at])];
                const T amount = weighs_indices ? weights.values<T>()[at] : T(1);
                place = adds ? static_cast<T>(place + amount) : amount;
            }
        if (mode != OutputMode::tf_idf) return;
        for (std::size_t i = 0; i < to.size(); ++i)
            to[i] = static_cast<T>(to[i] * weights.values<T>()[i % static_cast<std::size_t>(depth)]);
    });
}

}  // namespace layerctl
