#include "engine/layers/attention/dense_attention.hpp"

#include <cmath>
#include <numeric>

#include "engine/layers/attention/attention_mask.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/einsum.hpp"
#include "engine/ops/softmax.hpp"
#include "engine/ops/spatial.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

Shape with_new_axis(const Shape& shape, std::size_t from_end) {
    std::vector<std::int64_t> dims = shape.dims();
    dims.insert(dims.end() - static_cast<std::ptrdiff_t>(from_end), 1);
    return Shape(std::move(dims));
}

}  // namespace

void DenseAttention::shared_config(ConfigIo& io) {
    io.optional("use_scale", use_scale);
    io.ignored("dropout");
    io.ignored("seed");
    if (io.dialect() != Dialect::keras3) io.optional("causal", causal);
}

void DenseAttention::call_config(ConfigIo& io) {
    io.optional("use_causal_mask", use_causal_mask);
    io.optional("return_attention_scores", return_attention_scores);
}

Shapes DenseAttention::compute_output_shape(const Shapes& in) const {
    require(in.size() == 2 || in.size() == 3, "wanted query, value and maybe key, found ", in.size(), " inputs");
    const Shape &queries = in[query], &values = in[value], &keys = in.back();
    const std::size_t rank = queries.rank();
    require(rank >= 2 && values.rank() == rank && keys.rank() == rank,
            "query, value and key must have one rank of 2 or more, found shapes ", in);
    require(queries.slice(0, rank - 2).is_compatible_with(keys.slice(0, rank - 2)) &&
                values.with_back(1).is_compatible_with(keys.with_back(1)),
            "query, value and key must be alike in all but the last two axes, value and key in all but the last, "
            "found shapes ",
            in);
    require(Shape{queries.back()}.is_compatible_with({keys.back()}),
            "query and key must have as many features, found shapes ", in);
    Shapes out = {queries.with_back(values.back())};
    if (return_attention_scores) out.push_back(queries.with_back(keys[rank - 2]));
    return out;
}

/// A product per feature of every pair, for its score and for its share of the value.
std::optional<std::int64_t> DenseAttention::macs(const Shapes& in) const {
    const std::size_t rank = in[query].rank();
    const Shape pairs = in[query].with_back(in.back()[rank - 2]);
    return ops::times(pairs.elements(), in[query].back() + in[value].back());
}

void DenseAttention::call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const {
    Tensor weights = scores(x[query], x.back(), w);
    weights = weights.cast(compute_dtype()).cast(weights.dtype());  // as coarse as Keras has them
    const Tensor mask = mask_of_scores(masks[value], weights.shape());
    if (mask.has_value()) ops::push_down_masked(weights, mask, compute_dtype());
    const std::size_t rank = weights.shape().rank();
    ops::softmax(weights, {rank - 1});
    std::string batch(rank - 2, ' ');
    std::iota(batch.begin(), batch.end(), 'a');
    y[0] = ops::einsum({.a = batch + "QK", .b = batch + "KV", .y = batch + "QV"}, weights, x[value]);
    if (masks[query].has_value())
        ops::fill_masked(y[0], masks[query].reshaped(with_new_axis(masks[query].shape(), 0)), 0);
    if (return_attention_scores) y[1] = weights;
}

/// Which query may look at which value; empty if every one at all.
Tensor DenseAttention::mask_of_scores(const Tensor& value_mask, const Shape& scores) const {
    const std::size_t rank = scores.rank();
    const Tensor positions = position_mask(scores[rank - 2], scores[rank - 1], is_causal(), std::nullopt);
    if (!value_mask.has_value()) return positions;
    // Keras 3 takes a mask of rank 3 as one for the scores, unless there is a causal one.
    const bool of_scores = keras3() && !is_causal() && value_mask.shape().rank() != 2;
    return masks_and(of_scores ? value_mask : value_mask.reshaped(with_new_axis(value_mask.shape(), 1)), positions);
}

Tensor tanh_scores(const Tensor& queries, const Tensor& keys, double inner, const Tensor& weight) {
    const std::size_t rank = queries.shape().rank();
    const std::int64_t features = queries.shape().back(), rows = queries.shape()[rank - 2],
                       columns = keys.shape()[rank - 2];
    Tensor scores = Tensor::uninitialized(queries.dtype(), queries.shape().with_back(columns));
    with_float(queries.dtype(), [&]<class T>(Type<T>) {
        const T factor = static_cast<T>(inner);
        const T* weights = weight.values<T>().data();
        const std::int64_t step = weight.elements() > 1 ? 1 : 0;
        const T* of_queries = queries.values<T>().data();
        const T* of_keys = keys.values<T>().data();
        std::int64_t row = 0;
        T* out = scores.mutable_values<T>().data();
        for (T* const end = out + scores.elements(); out != end; ++row)
            for (std::int64_t column = 0; column < columns; ++column) {
                const T* q = of_queries + row * features;
                const T* k = of_keys + (row / rows * columns + column) * features;
                T sum = 0;
                for (std::int64_t i = 0; i < features; ++i)
                    sum += weights[i * step] * std::tanh(factor * (q[i] + k[i]));
                *out++ = sum;
            }
    });
    return scores;
}

}  // namespace layerctl
