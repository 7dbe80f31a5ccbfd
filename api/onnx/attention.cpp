// Attention layers: softmax(scores) · value, with every mask that applies.
#include <algorithm>
#include <cmath>

#include "api/onnx/layer_call.hpp"
#include "api/onnx/masks.hpp"
#include "api/onnx/steps.hpp"
#include "engine/ops/axes.hpp"

namespace layerctl::onnx {
namespace {

enum Input { query, value, key, query_mask, value_mask, key_mask, attention_mask };

/// To the compute dtype and back: halves stay as coarse as Keras has them between its steps.
Name rounded(const LayerCall& call, const Name& x) {
    const DType compute = call.layer.context().compute_dtype;
    return compute == call.dtype() ? x : cast(call.b, cast(call.b, x, compute), call.dtype());
}

/// 0, 1, … up to the size of axis 1 of x.
Name positions(Builder& b, const Name& x, const Shape& shape, std::size_t axis) {
    if (shape[axis] != Shape::unknown)
        return b.constant("positions", Tensor::from({shape[axis]}, counted(0, static_cast<std::size_t>(shape[axis]))));
    const Name size = squeeze(b, sizes_of(b, x, {static_cast<std::int64_t>(axis)}), {0});
    return b.add("Range", {b.integer(0), size, b.integer(1)});
}

/// True where query position i may look at value position j, as (1, queries, values): j ≤ i if `causal`, and
/// |i − j| < `window` if there is one. "" if neither.
Name position_mask(LayerCall& call, std::size_t axis, bool causal, std::optional<std::int64_t> window) {
    if (!causal && !window) return "";
    Builder& b = call.b;
    const Name rows = unsqueeze(b, positions(b, call.x[query], call.in[query], axis), {0, 2});
    const Name columns = unsqueeze(b, positions(b, call.x[value], call.in[value], axis), {0, 1});
    Name mask;
    if (causal) mask = b.add("LessOrEqual", {columns, rows});
    if (!window) return mask;
    const Name distance = b.add("Abs", {b.add("Sub", {rows, columns})});
    return masks_and(b, mask, b.add("Less", {distance, b.integer(*window)}));
}

Name scaled(LayerCall& call, const Name& x, double factor) {
    return with_number(call.b, "Mul", x, call.dtype(), factor);
}

/// The equations of the scores and of their product with the values, for projected tensors (…, heads, size).
struct Equations {
    std::string query, key, scores;

    Equations(std::size_t rank, const std::vector<std::size_t>& attended) {
        for (std::size_t i = 0; i < rank; ++i) query += static_cast<char>('a' + i);
        key = query;
        for (const std::size_t axis : attended) key[axis] = static_cast<char>('n' + axis);
        for (std::size_t i = 0; i + 1 < rank; ++i)
            if (key[i] == query[i]) scores += query[i];
        for (const std::size_t axis : attended) scores += query[axis];
        for (const std::size_t axis : attended) scores += key[axis];
    }
};

class HeadAttention {
public:
    explicit HeadAttention(LayerCall& layer_call) : call(layer_call), b(call.b) {
        const Settings& s = call.settings;
        const bool grouped = call.class_name.starts_with("Group");
        heads = s.get<std::int64_t>(grouped ? "num_query_heads" : "num_heads");
        shared_heads = grouped ? s.get<std::int64_t>("num_key_value_heads") : heads;
        key_size = s.get<std::int64_t>(grouped ? "head_dim" : "key_dim");
        const std::int64_t given = s.get_or<std::int64_t>("value_dim", 0);
        value_size = given > 0 ? given : key_size;
        heeds_query_mask = grouped;
    }

    Names outputs() {
        const std::vector<std::size_t> axes = attended();
        const Equations e(call.rank() + 1, axes);
        const std::size_t keys_from = has(key) ? key : value;
        const Name queries = scaled(call, rounded(call, project(call.x[query], "query", heads, key_size)),
                                    1 / std::sqrt(static_cast<double>(key_size)));
        const Name keys =
            for_every_head(rounded(call, project(call.x[keys_from], "key", shared_heads, key_size)), key_size);
        const Name values =
            for_every_head(rounded(call, project(call.x[value], "value", shared_heads, value_size)), value_size);
        Name scores = rounded(call, einsum(b, e.key + "," + e.query + "->" + e.scores, {keys, queries}));
        scores = normalized(scores, axes.size());
        Name result = einsum(b, e.scores + "," + e.key + "->" + e.query, {scores, values});
        if (call.settings.flag("use_gate")) {
            const Name gate = project(call.x[query], "gate", heads, value_size);
            result = b.add("Mul", {result, b.add("Sigmoid", {gate})});
        }
        const Name y = joined_output(result);
        return call.out.size() > 1 ? Names{y, scores} : Names{y};
    }

private:
    bool has(std::size_t input) const { return input < call.x.size() && !call.x[input].empty(); }

    std::vector<std::size_t> attended() const {
        std::vector<std::size_t> axes;
        if (call.settings.has("attention_axes")) {
            for (const std::int64_t axis : call.settings.get<AxisList>("attention_axes").values)
                axes.push_back(resolve_axis(axis, call.rank()));
            return axes;
        }
        for (std::size_t i = 1; i + 1 < call.rank(); ++i) axes.push_back(i);
        return axes;
    }

    /// Zeros, which keep sizes, and then these.
    Ints kept_and(std::size_t kept, std::initializer_list<std::int64_t> dims) const {
        Ints out(kept, 0);
        out.insert(out.end(), dims);
        return out;
    }

    /// x · kernel + bias along the last axis, which becomes (heads, size).
    Name project(const Name& x, const std::string& name, std::int64_t count, std::int64_t size) {
        const Tensor& kernel = call.w[name + "/kernel"];
        Name y = b.add("MatMul", {x, call.weight(name + "/kernel", {kernel.shape()[0], count * size})});
        if (use_bias()) y = b.add("Add", {y, call.weight(name + "/bias", {count * size})});
        return reshape(b, y, kept_and(call.rank() - 1, {count, size}));
    }

    bool use_bias() const { return call.settings.flag("use_bias"); }

    Name joined_output(const Name& result) {
        const Tensor& kernel = call.w["attention_output/kernel"];
        const std::int64_t rows = heads * value_size;
        const Shape to = kernel.shape().slice(2, kernel.shape().rank());
        const Name joined = reshape(b, result, kept_and(call.rank() - 1, {rows}));
        Name y = b.add("MatMul", {joined, call.weight("attention_output/kernel", {rows, to.elements()})});
        if (use_bias()) y = b.add("Add", {y, call.weight("attention_output/bias", {to.elements()})});
        if (to.rank() == 1) return y;
        Ints dims = kept_and(call.rank() - 1, {});
        dims.insert(dims.end(), to.begin(), to.end());
        return reshape(b, y, dims);
    }

    /// Each head beside copies for the neighbouring query heads that share it.
    Name for_every_head(const Name& shared, std::int64_t size) {
        if (shared_heads == heads) return shared;
        const auto axis = static_cast<std::int64_t>(call.rank());
        Ints repeats(call.rank() + 2, 1);
        repeats[call.rank()] = heads / shared_heads;
        const Name repeated = b.add("Tile", {unsqueeze(b, shared, {axis}), b.ints(repeats)});
        return reshape(b, repeated, kept_and(call.rank() - 1, {heads, size}));
    }

    /// All masks that apply, (batch, queries, values) or with a heads axis; "" if none.
    Name mask() {
        const auto given = [&](Input input, Input of) -> Name {
            const std::size_t at = !call.keras3() && input == attention_mask ? 3 : input;
            const bool heeded = input == attention_mask || (call.keras3() && (input != query_mask || heeds_query_mask));
            if (heeded && has(at)) return call.x[at];
            return of < call.masks.size() && input != attention_mask ? call.masks[of] : Name();
        };
        const auto along = [&](const Name& one, std::int64_t axis) {
            return one.empty() ? one : unsqueeze(b, one, {axis});
        };
        Name all = along(given(query_mask, query), 2);
        all = masks_and(b, all, along(given(value_mask, value), 1));
        all = masks_and(b, all, along(given(key_mask, key), 1));
        std::optional<std::int64_t> window;
        if (call.settings.has("sliding_window")) window = call.settings.get<std::int64_t>("sliding_window");
        all = masks_and(b, all, position_mask(call, 1, call.call_settings.flag("use_causal_mask"), window));
        const Name explicit_mask = given(attention_mask, attention_mask);
        if (!explicit_mask.empty()) explicit_rank_ = call.in[call.keras3() ? attention_mask : 3].rank();
        return masks_and(b, all, explicit_mask);
    }

    /// Softmax over the value axes. Rows without anything to look at are uniform, except that Keras 3, where it does
    /// not take its short way, leaves them zero.
    Name normalized(Name scores, std::size_t axes) {
        const std::size_t rank = call.rank() + axes;  // of the scores: batch axes, heads, queries, values
        const bool keras3 = call.keras3();
        const bool short_way =
            keras3 && call.settings.get<double>("dropout") <= 0 && call.out.size() == 1 && call.rank() == 3;
        Name all = mask();
        if (!all.empty()) {
            const std::size_t have = std::max<std::size_t>(3, explicit_rank_);
            if (explicit_rank_ != 0 && explicit_rank_ != 3 && explicit_rank_ != rank)
                fail(Code::unsupported, "a mask of rank ", explicit_rank_, " is not written as ONNX");
            if (have < rank && 2 * axes > have)
                fail(Code::unsupported, "a mask over several axes is not written as ONNX");
            const std::size_t leading = have - 2 * axes;
            if (have < rank) all = unsqueeze(b, all, counted(leading, leading + rank - have));
            scores =
                short_way ? filled(b, scores, all, call.dtype(), -1e30) : pushed_down(call, scores, all, call.dtype());
        }
        Activation softmax{.id = Activation::Id::softmax};
        softmax.axes.values.clear();
        for (std::size_t i = rank - axes; i < rank; ++i) softmax.axes.values.push_back(static_cast<std::int64_t>(i));
        scores = activate(b, softmax, scores, call.dtype(), rank);
        return !all.empty() && keras3 && !short_way ? filled(b, scores, all, call.dtype(), 0) : scores;
    }

    LayerCall& call;
    Builder& b;
    std::int64_t heads = 0, shared_heads = 0, key_size = 0, value_size = 0;
    bool heeds_query_mask = false;
    std::size_t explicit_rank_ = 0;
};

/// What goes on is the mask of the query, as Keras' flag says.
void pass_query_mask(LayerCall& call) {
    call.out_masks.assign(call.out.size(), call.layer.supports_masking() ? call.masks[query] : Name());
}

Names head_attention(LayerCall& call) {
    pass_query_mask(call);
    return HeadAttention(call).outputs();
}

/// Σ weight · tanh(inner · (query + key)) over the features, for every pair of a query and a key.
Name tanh_scores(LayerCall& call, const Name& keys, const Name& inner, const Name& weight) {
    Builder& b = call.b;
    const auto rank = static_cast<std::int64_t>(call.rank());
    Name sum = b.add("Add", {unsqueeze(b, call.x[query], {rank - 1}), unsqueeze(b, keys, {rank - 2})});
    if (!inner.empty()) sum = b.add("Mul", {sum, inner});
    Name terms = b.add("Tanh", {sum});
    if (!weight.empty()) terms = b.add("Mul", {terms, weight});
    return reduce(b, "ReduceSum", terms, {rank}, false);
}

/// Which query may look at which value; "" if every one at all.
Name mask_of_scores(LayerCall& call) {
    const std::size_t rank = call.rank();
    const bool causal = call.call_settings.flag("use_causal_mask") || call.settings.flag("causal");
    const Name at = position_mask(call, rank - 2, causal, std::nullopt);
    if (call.masks[value].empty()) return at;
    if (rank != 3) fail(Code::unsupported, "a mask of an input of rank ", rank, " is not written as ONNX");
    return masks_and(call.b, unsqueeze(call.b, call.masks[value], {1}), at);
}

Names attended(LayerCall& call, Name scores) {
    Builder& b = call.b;
    const std::size_t rank = call.rank();
    scores = rounded(call, scores);
    if (const Name mask = mask_of_scores(call); !mask.empty()) scores = pushed_down(call, scores, mask, call.dtype());
    const Name weights = b.add("Softmax", {scores}, {{"axis", std::int64_t{-1}}});
    Name y = b.add("MatMul", {weights, call.x[value]});
    if (!call.masks[query].empty())
        y = filled(b, y, unsqueeze(b, call.masks[query], {static_cast<std::int64_t>(rank) - 1}), call.dtype(), 0);
    pass_query_mask(call);
    return call.out.size() > 1 ? Names{y, weights} : Names{y};
}

Names attention(LayerCall& call) {
    const bool scaled = call.settings.flag("use_scale");
    if (call.settings.text("score_mode") == "concat")
        return attended(call, tanh_scores(call, call.x.back(), scaled ? call.weight("scale") : Name(),
                                          call.weight("concat_score_weight")));
    const Name products =
        call.b.add("MatMul", {call.x[query], matrices_transposed(call.b, call.x.back(), call.rank())});
    return attended(call, scaled ? call.b.add("Mul", {products, call.weight("scale")}) : products);
}

Names additive_attention(LayerCall& call) {
    const Name weight = call.settings.flag("use_scale") ? call.weight("scale") : Name();
    return attended(call, tanh_scores(call, call.x.back(), "", weight));
}

constexpr LayerForm forms[] = {
    {"AdditiveAttention", additive_attention, MaskUse::own},
    {"Attention", attention, MaskUse::own},
    {"GroupedQueryAttention", head_attention, MaskUse::own},
    {"MultiHeadAttention", head_attention, MaskUse::own},
};

}  // namespace

LayerForms attention_forms() { return forms; }

}  // namespace layerctl::onnx
