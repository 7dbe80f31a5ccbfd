#include "engine/layers/attention/head_attention.hpp"

#include <cmath>
#include <functional>

#include "engine/layers/attention/attention_mask.hpp"
#include "engine/ops/activation.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/einsum.hpp"
#include "engine/ops/matmul.hpp"
#include "engine/ops/move.hpp"
#include "engine/ops/softmax.hpp"
#include "engine/ops/spatial.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

/// The equations of the scores and of their product with the values, for projected tensors (…, heads, size).
struct Equations {
    std::string query, key, scores;

    Equations(std::size_t rank, const std::vector<std::size_t>& attended) {
        for (std::size_t i = 0; i < rank; ++i) query += static_cast<char>('a' + i);
        key = query;
        for (const std::size_t axis : attended) key[axis] = static_cast<char>('A' + axis);
        for (std::size_t i = 0; i + 1 < rank; ++i)
            if (key[i] == query[i]) scores += query[i];
        for (const std::size_t axis : attended) scores += query[axis];
        for (const std::size_t axis : attended) scores += key[axis];
    }
};

/// x · kernel + bias along the last axis, which becomes the axes `to`.
Tensor project(const Tensor& x, const Weights& w, const Shape& to) {
    std::vector<std::int64_t> dims = x.shape().slice(0, x.shape().rank() - 1).dims();
    dims.insert(dims.end(), to.begin(), to.end());
    Tensor y = Tensor::uninitialized(x.dtype(), x.shape().with_back(to.elements()));
    ops::matmul(x, w["kernel"].reshaped({x.shape().back(), to.elements()}), y);
    if (w.size() > 1) ops::add_bias(y, w["bias"].reshaped({to.elements()}));
    return y.reshaped(Shape(std::move(dims)));
}

/// The same for the fast engine; the last axes of the kernel, as many as `to` has, are those of the outputs.
Product projection(const Weights& w, const Shape& to) {
    const std::int64_t n = to.elements();
    const auto summed = static_cast<std::int64_t>(w["kernel"].elements()) / n;
    return {w["kernel"].reshaped({summed, n}), w.size() > 1 ? w["bias"].reshaped({n}) : Tensor(), {}};
}

Tensor joined_heads(const Tensor& heads) {
    const Shape& shape = heads.shape();
    const std::size_t rank = shape.rank();
    return heads.reshaped(shape.slice(0, rank - 1).with_back(shape[rank - 2] * shape[rank - 1]));
}

void scale(Tensor& y, double factor) {
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        for (T& element : y.mutable_values<T>()) element *= static_cast<T>(factor);
    });
}

void gate(Tensor& heads, Tensor openings) {
    ops::apply({.id = Activation::Id::sigmoid}, openings);
    with_float(heads.dtype(), [&]<class T>(Type<T>) { ops::binary<T>(heads, openings, heads, std::multiplies<T>()); });
}

}  // namespace

void HeadAttention::shared_config(ConfigIo& io) {
    io.optional("use_bias", use_bias);
    io.optional("dropout", dropout);
    weight_config(io, "kernel", kernel_initializer);
    weight_config(io, "bias", bias_initializer);
    io.ignored("seed");
    if (io.dialect() != Dialect::keras3) return;
    io.optional("use_gate", use_gate);
    io.optional("sliding_window", sliding_window,
                [](const std::optional<std::int64_t>& window) { return window ? positive(*window) : nullptr; });
}

void HeadAttention::call_config(ConfigIo& io) {
    io.optional("use_causal_mask", use_causal_mask);
    io.optional("return_attention_scores", return_attention_scores);
}

std::vector<std::string> HeadAttention::call_arguments() const {
    if (!keras3()) return {"query", "value", "key", "attention_mask"};
    return {"query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask"};
}

/// Where an argument stands in a call of this dialect.
std::size_t HeadAttention::place(Input input) const { return !keras3() && input == attention_mask ? 3 : input; }

DType HeadAttention::input_dtype(std::size_t i, DType given) const {
    return i > key ? DType::boolean : Layer::input_dtype(i, given);
}

const Shape& HeadAttention::key_shape(const Shapes& in) {
    return in.size() > key && in[key].rank() > 0 ? in[key] : in[value];
}

Shape HeadAttention::output_dims(const Shape& query_shape) const {
    return {known_dim(query_shape, query_shape.rank() - 1)};
}

std::vector<std::size_t> HeadAttention::attended(const Shape& query_shape) const {
    std::vector<std::size_t> axes;
    for (std::size_t i = 1; i + 1 < query_shape.rank(); ++i) axes.push_back(i);
    return axes;
}

WeightSpecs HeadAttention::weights(const Shapes& in) const {
    WeightSpecs specs;
    const auto add = [&](const std::string& name, const Shape& from, const Shape& to) {
        add_projection(specs, name, {known_dim(from, from.rank() - 1)}, to);
    };
    add("query", in[query], {heads(), key_size()});
    add("key", key_shape(in), {key_value_heads(), key_size()});
    if (use_gate) add("gate", in[query], {heads(), value_size()});
    add("value", in[value], {key_value_heads(), value_size()});
    add_projection(specs, "attention_output", {heads(), value_size()}, output_dims(in[query]));
    return specs;
}

void HeadAttention::add_projection(WeightSpecs& specs, const std::string& name, const Shape& from,
                                   const Shape& to) const {
    std::vector<std::int64_t> kernel = from.dims();
    kernel.insert(kernel.end(), to.begin(), to.end());
    specs.push_back({name + "/kernel", Shape(std::move(kernel)), kernel_initializer});
    if (use_bias) specs.push_back({name + "/bias", to, bias_initializer});
}

Shapes HeadAttention::compute_output_shape(const Shapes& in) const {
    require(in.size() >= 2, "wanted query and value, found ", in.size(), " input");
    require(in[query].rank() >= 3, "query must have rank 3 or more, found shape ", in[query]);
    require(in[value].rank() == in[query].rank() && key_shape(in).rank() == in[query].rank(),
            "query, key and value must have one rank, found shapes ", in);
    require(in[value].with_back(1).is_compatible_with(key_shape(in).with_back(1)),
            "key and value must be alike but for the last axis, found shapes ", key_shape(in), " and ", in[value]);
    std::vector<std::int64_t> dims = in[query].slice(0, in[query].rank() - 1).dims();
    const Shape last = output_dims(in[query]);
    dims.insert(dims.end(), last.begin(), last.end());
    Shapes out = {Shape(std::move(dims))};
    if (return_attention_scores) out.push_back(scores_shape(in));
    return out;
}

Shape HeadAttention::scores_shape(const Shapes& in) const {
    const std::size_t rank = in[query].rank() + 1;
    const Equations e(rank, attended(in[query]));
    std::vector<std::int64_t> dims;
    for (const char label : e.scores) {
        const std::size_t at = e.query.find(label);
        dims.push_back(at == rank - 2 ? heads() : at < rank ? in[query][at] : key_shape(in)[e.key.find(label)]);
    }
    return Shape(std::move(dims));
}

std::optional<std::int64_t> HeadAttention::macs(const Shapes& in) const {
    const std::int64_t heads_of_result = ops::times(heads(), value_size());
    const auto tokens = [](const Shape& shape) { return shape.with_back(1).elements(); };
    std::int64_t sum = ops::times(in[query].elements(), ops::times(heads(), key_size()));
    sum += ops::times(key_shape(in).elements(), ops::times(key_value_heads(), key_size()));
    sum += ops::times(in[value].elements(), ops::times(key_value_heads(), value_size()));
    if (use_gate) sum += ops::times(in[query].elements(), heads_of_result);
    sum += ops::times(scores_shape(in).elements(), key_size() + value_size());
    return sum + ops::times(tokens(in[query]), ops::times(heads_of_result, output_dims(in[query]).elements()));
}

/// Along the last axes before the features, those before them alike.
bool HeadAttention::attends_as_kernels_do(const Shapes& in, const std::vector<std::size_t>& axes) const {
    const std::size_t rank = in[query].rank();
    for (std::size_t i = 0; i < axes.size(); ++i)
        if (axes[i] != rank - 1 - axes.size() + i) return false;
    const Shape batch = in[query].slice(0, axes.front());
    return batch == in[value].slice(0, axes.front()) && batch == key_shape(in).slice(0, axes.front());
}

std::optional<Request> HeadAttention::lower(const Shapes& in, const Weights& w) const {
    const bool asks_for_more = use_gate || sliding_window || return_attention_scores || in.size() > 3;
    if (asks_for_more || (use_causal_mask && in[query].rank() != 3)) return {};
    const std::vector<std::size_t> axes = attended(in[query]);
    if (!attends_as_kernels_do(in, axes)) return {};
    return DotProductAttention{
        .projections = {{.query = projection(w.below("query"), {heads(), key_size()}),
                         .key = projection(w.below("key"), {key_value_heads(), key_size()}),
                         .value = projection(w.below("value"), {key_value_heads(), value_size()}),
                         .output = projection(w.below("attention_output"), output_dims(in[query]))}},
        .heads = static_cast<std::size_t>(heads()),
        .key_value_heads = static_cast<std::size_t>(key_value_heads()),
        .attended_axes = axes.size(),
        .scale = 1 / std::sqrt(static_cast<double>(key_size())),
        .causal = use_causal_mask};
}

void HeadAttention::call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const {
    const Tensor& keys_from = x.size() > key && x[key].has_value() ? x[key] : x[value];
    Tensor queries = rounded(project(x[query], w.below("query"), {heads(), key_size()}));
    const Tensor keys = for_every_head(rounded(project(keys_from, w.below("key"), {key_value_heads(), key_size()})));
    const Tensor values =
        for_every_head(rounded(project(x[value], w.below("value"), {key_value_heads(), value_size()})));
    const std::vector<std::size_t> axes = attended(x[query].shape());
    const Equations e(queries.shape().rank(), axes);
    scale(queries, 1 / std::sqrt(static_cast<double>(key_size())));
    Tensor scores = rounded(ops::einsum({.a = e.key, .b = e.query, .y = e.scores}, keys, queries));
    normalize(scores, mask_of(x, masks), axes.size(), queries.shape().rank());
    Tensor result = ops::einsum({.a = e.scores, .b = e.key, .y = e.query}, scores, values);
    if (use_gate) gate(result, project(x[query], w.below("gate"), {heads(), value_size()}));
    y[0] = project(joined_heads(result), w.below("attention_output"), output_dims(x[query].shape()));
    if (return_attention_scores) y[1] = scores;
}

/// Keys or values with each head repeated for the neighbouring query heads that share it.
Tensor HeadAttention::for_every_head(const Tensor& shared) const {
    if (key_value_heads() == heads()) return shared;
    Shape shape = shared.shape();
    std::vector<std::int64_t> times(shape.rank(), 1);
    times[shape.rank() - 2] = heads() / key_value_heads();
    shape[shape.rank() - 2] = heads();
    Tensor spread = Tensor::uninitialized(shared.dtype(), shape);
    ops::repeat(shared, times, spread);
    return spread;
}

/// All masks that apply, (batch, queries, values) or with a heads axis; empty if none.
Tensor HeadAttention::mask_of(const Tensors& x, const Masks& masks) const {
    const auto given = [&](Input input, Input of) {
        const std::size_t at = place(input);
        const bool heeded = input == attention_mask || (keras3() && (input != query_mask || heeds_query_mask()));
        if (heeded && at < x.size() && x[at].has_value()) return x[at];
        return of < masks.size() && input != attention_mask ? masks[of] : Tensor();
    };
    const auto along = [](const Tensor& mask, bool rows) {  // (batch, n) as (batch, n, 1) or (batch, 1, n)
        if (!mask.has_value()) return mask;
        std::vector<std::int64_t> dims = mask.shape().dims();
        dims.insert(rows ? dims.end() : dims.end() - 1, 1);
        return mask.reshaped(Shape(std::move(dims)));
    };
    Tensor mask = along(given(query_mask, query), true);
    mask = masks_and(mask, along(given(value_mask, value), false));
    mask = masks_and(mask, along(given(key_mask, key), false));
    mask = masks_and(mask, position_mask(x[query].shape()[1], x[value].shape()[1], use_causal_mask, sliding_window));
    return masks_and(given(attention_mask, attention_mask), mask);
}

/// Softmax over the value axes. Rows without anything to look at are uniform, except that Keras 3, where it does
/// not take its short way, leaves them zero.
void HeadAttention::normalize(Tensor& scores, const Tensor& mask, std::size_t attended_axes,
                              std::size_t projected_rank) const {
    const std::size_t rank = scores.shape().rank();
    const bool short_way = keras3() && dropout <= 0 && !return_attention_scores && projected_rank == 4;
    Tensor spread;
    if (mask.has_value()) spread = with_head_axes(mask, 2 * attended_axes, rank);
    if (mask.has_value() && short_way) ops::fill_masked(scores, spread, -1e30);
    else if (mask.has_value()) ops::push_down_masked(scores, spread, compute_dtype());
    ops::Axes axes;
    for (std::size_t i = rank - attended_axes; i < rank; ++i) axes.push_back(i);
    ops::softmax(scores, axes);
    if (mask.has_value() && keras3() && !short_way) ops::fill_masked(scores, spread, 0);
}

}  // namespace layerctl
