// MultiHeadAttention: softmax(query · key / √key_dim) · value for every head, along any axes, then a projection.
#include <cmath>
#include <functional>

#include "engine/layer.hpp"
#include "engine/layers/attention/attention_mask.hpp"
#include "engine/ops/activation.hpp"
#include "engine/ops/axes.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/einsum.hpp"
#include "engine/ops/matmul.hpp"
#include "engine/ops/softmax.hpp"
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

class MultiHeadAttention final : public Layer {
    enum Input { query, value, key, query_mask, value_mask, key_mask, attention_mask };

    std::int64_t num_heads = 0;
    std::int64_t key_dim = 0;
    std::optional<std::int64_t> value_dim;
    double dropout = 0;
    bool use_bias = true;
    std::optional<AxisList> output_shape;
    std::optional<AxisList> attention_axes;
    bool use_gate = false;
    std::optional<std::int64_t> sliding_window;
    Initializer kernel_initializer = Initializer::glorot_uniform();
    Initializer bias_initializer = Initializer::zeros();
    bool use_causal_mask = false;
    bool return_attention_scores = false;

    void config(ConfigIo& io) override {
        io.required("num_heads", num_heads, positive);
        io.required("key_dim", key_dim, positive);
        io.optional("value_dim", value_dim);
        io.optional("dropout", dropout);
        io.optional("use_bias", use_bias);
        io.optional("output_shape", output_shape,
                    [](const std::optional<AxisList>& dims) { return dims ? positive(dims->values) : nullptr; });
        io.optional("attention_axes", attention_axes);
        weight_config(io, "kernel", kernel_initializer);
        weight_config(io, "bias", bias_initializer);
        for (const char* key : {"query_shape", "key_shape", "value_shape", "seed"}) io.ignored(key);
        if (io.dialect() != Dialect::keras3) return;
        io.optional("use_gate", use_gate);
        io.optional("sliding_window", sliding_window);
    }

    void call_config(ConfigIo& io) override {
        io.optional("use_causal_mask", use_causal_mask);
        io.optional("return_attention_scores", return_attention_scores);
    }

    bool keras3() const { return context().dialect == Dialect::keras3; }

    std::vector<std::string> call_arguments() const override {
        if (!keras3()) return {"query", "value", "key", "attention_mask"};
        return {"query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask"};
    }

    /// Where an argument stands in a call of this dialect.
    std::size_t place(Input input) const { return !keras3() && input == attention_mask ? 3 : input; }

    DType input_dtype(std::size_t i, DType given) const override {
        return i > key ? DType::boolean : Layer::input_dtype(i, given);
    }

    DTypes compute_output_dtype(const DTypes& in) const override { return {in[0]}; }

    static const Shape& key_shape(const Shapes& in) {
        return in.size() > key && in[key].rank() > 0 ? in[key] : in[value];
    }

    std::int64_t value_size() const { return value_dim.value_or(0) > 0 ? *value_dim : key_dim; }

    Shape output_dims(const Shape& query_shape) const {
        if (output_shape && !output_shape->values.empty()) return Shape(output_shape->values);
        return {known_dim(query_shape, query_shape.rank() - 1)};
    }

    WeightSpecs weights(const Shapes& in) const override {
        WeightSpecs specs;
        const auto project = [&](const std::string& name, const Shape& from, std::int64_t size) {
            add_projection(specs, name, {known_dim(from, from.rank() - 1)}, {num_heads, size});
        };
        project("query", in[query], key_dim);
        project("key", key_shape(in), key_dim);
        if (use_gate) project("gate", in[query], value_size());
        project("value", in[value], value_size());
        add_projection(specs, "attention_output", {num_heads, value_size()}, output_dims(in[query]));
        return specs;
    }

    void add_projection(WeightSpecs& specs, const std::string& name, const Shape& from, const Shape& to) const {
        std::vector<std::int64_t> kernel = from.dims();
        kernel.insert(kernel.end(), to.begin(), to.end());
        specs.push_back({name + "/kernel", Shape(std::move(kernel)), kernel_initializer});
        if (use_bias) specs.push_back({name + "/bias", to, bias_initializer});
    }

    /// Axes of the inputs that attention runs along; those of the scores' equations, too.
    std::vector<std::size_t> attended(const Shape& query_shape) const {
        const std::size_t inner = query_shape.rank() - 1;  // neither batch nor features: [1, inner)
        std::vector<std::size_t> axes;
        if (attention_axes)
            for (const std::int64_t axis : attention_axes->values) axes.push_back(resolve_axis(axis, inner + 1));
        else
            for (std::size_t i = 1; i < inner; ++i) axes.push_back(i);
        for (const std::size_t axis : axes)
            if (axis == 0 || axis >= inner)
                fail(Code::config, "attention_axes: wanted axes between batch and features");
        return axes;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
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

    Shape scores_shape(const Shapes& in) const {
        const std::size_t rank = in[query].rank() + 1;
        const Equations e(rank, attended(in[query]));
        std::vector<std::int64_t> dims;
        for (const char label : e.scores) {
            const std::size_t at = e.query.find(label);
            dims.push_back(at == rank - 2 ? num_heads : at < rank ? in[query][at] : key_shape(in)[e.key.find(label)]);
        }
        return Shape(std::move(dims));
    }

    bool supports_masking() const override { return true; }

    // Keras 3 (3.8 and later) deletes the masks of the tensors it has read.
    bool takes_masks_off() const override { return context().dialect == Dialect::keras3; }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override { call_masked(x, Masks(x.size()), w, y); }

    void call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const override {
        const Tensor& keys_from = x.size() > key && x[key].has_value() ? x[key] : x[value];
        Tensor queries = project(x[query], w.below("query"), {num_heads, key_dim});
        const Tensor keys = project(keys_from, w.below("key"), {num_heads, key_dim});
        const Tensor values = project(x[value], w.below("value"), {num_heads, value_size()});
        const std::vector<std::size_t> axes = attended(x[query].shape());
        const Equations e(queries.shape().rank(), axes);
        scale(queries, 1 / std::sqrt(static_cast<double>(key_dim)));
        Tensor scores = ops::einsum({.a = e.key, .b = e.query, .y = e.scores}, keys, queries);
        normalize(scores, mask_of(x, masks), axes.size(), queries.shape().rank());
        Tensor heads = ops::einsum({.a = e.scores, .b = e.key, .y = e.query}, scores, values);
        if (use_gate) gate(heads, project(x[query], w.below("gate"), {num_heads, value_size()}));
        y[0] = project(joined_heads(heads), w.below("attention_output"), output_dims(x[query].shape()));
        if (return_attention_scores) y[1] = scores;
    }

    /// x · kernel + bias along the last axis, which becomes the axes `to`.
    static Tensor project(const Tensor& x, const Weights& w, const Shape& to) {
        std::vector<std::int64_t> dims = x.shape().slice(0, x.shape().rank() - 1).dims();
        dims.insert(dims.end(), to.begin(), to.end());
        Tensor y = Tensor::uninitialized(x.dtype(), x.shape().with_back(to.elements()));
        ops::matmul(x, w["kernel"].reshaped({x.shape().back(), to.elements()}), y);
        if (w.size() > 1) ops::add_bias(y, w["bias"].reshaped({to.elements()}));
        return y.reshaped(Shape(std::move(dims)));
    }

    static Tensor joined_heads(const Tensor& heads) {
        const Shape& shape = heads.shape();
        const std::size_t rank = shape.rank();
        return heads.reshaped(shape.slice(0, rank - 1).with_back(shape[rank - 2] * shape[rank - 1]));
    }

    static void scale(Tensor& y, double factor) {
        with_float(y.dtype(), [&]<class T>(Type<T>) {
            for (T& element : y.mutable_values<T>()) element *= static_cast<T>(factor);
        });
    }

    static void gate(Tensor& heads, Tensor openings) {
        ops::apply({.id = Activation::Id::sigmoid}, openings);
        with_float(heads.dtype(),
                   [&]<class T>(Type<T>) { ops::binary<T>(heads, openings, heads, std::multiplies<T>()); });
    }

    /// All masks that apply, (batch, queries, values) or with a heads axis; empty if none.
    Tensor mask_of(const Tensors& x, const Masks& masks) const {
        const auto given = [&](Input input, Input of) {
            const std::size_t at = place(input);
            if (at < x.size() && x[at].has_value() && (keras3() || input == attention_mask)) return x[at];
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
        mask =
            masks_and(mask, position_mask(x[query].shape()[1], x[value].shape()[1], use_causal_mask, sliding_window));
        return masks_and(given(attention_mask, attention_mask), mask);
    }

    /// Softmax over the value axes. Rows without anything to look at are uniform, except that Keras 3, where it does
    /// not take its short way, leaves them zero.
    void normalize(Tensor& scores, const Tensor& mask, std::size_t attended_axes, std::size_t projected_rank) const {
        const std::size_t rank = scores.shape().rank();
        const bool short_way = keras3() && dropout <= 0 && !return_attention_scores && projected_rank == 4;
        Tensor spread;
        if (mask.has_value()) spread = with_head_axes(mask, 2 * attended_axes, rank);
        if (mask.has_value() && short_way) ops::fill_masked(scores, spread, -1e30);
        else if (mask.has_value()) ops::push_down_masked(scores, spread);
        ops::Axes axes;
        for (std::size_t i = rank - attended_axes; i < rank; ++i) axes.push_back(i);
        ops::softmax(scores, axes);
        if (mask.has_value() && keras3() && !short_way) ops::fill_masked(scores, spread, 0);
    }
};

LAYERCTL_REGISTER_LAYER(MultiHeadAttention);

}  // namespace
}  // namespace layerctl
