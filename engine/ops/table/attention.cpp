// Scaled dot-product attention called as a function.
#include <cmath>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/einsum.hpp"
#include "engine/ops/softmax.hpp"
#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/take.hpp"

namespace layerctl::ops {
namespace {

// What Keras puts in place of masked logits.
constexpr double masked_logit = -0.7 * 3.38953e38;

DType attention_dtype(const Arguments& a) {
    const DType dtype = common_dtype(a, {"query", "key", "value"});
    if (!is_floating(dtype)) fail(Code::unsupported, "attention over ", dtype);
    if (dtype == DType::float16) fail(Code::unsupported, "attention in float16");
    return dtype;
}

Shapes attention_shape(const Arguments& a) {
    for (const std::string_view name : {"query", "key", "value"})
        if (a.shape(name).rank() != 4)
            fail(Code::shape, "argument '", name, "': wanted rank 4, found shape ", a.shape(name));
    const Shape query = a.shape("query"), key = a.shape("key"), value = a.shape("value");
    return {Shape{query[0], query[1], query[2], value[3]}};
}

/// Key or value heads, each repeated for the query heads that share it.
Tensor shared_heads(const Tensor& x, std::int64_t heads) {
    const std::int64_t own = x.shape()[2];
    if (own == heads || own <= 1) return x;
    if (heads % own != 0) fail(Code::shape, "wanted ", heads, " heads or a divisor of them, found shape ", x.shape());
    std::vector<std::int64_t> from;
    for (std::int64_t head = 0; head < heads; ++head) from.push_back(head / (heads / own));
    return take(x, 2, from);
}

Tensor causal_mask(std::int64_t queries, std::int64_t keys) {
    Tensor mask = Tensor::uninitialized(DType::boolean, Shape{queries, keys});
    const auto values = mask.mutable_values<bool>();
    for (std::int64_t q = 0; q < queries; ++q)
        for (std::int64_t k = 0; k < keys; ++k) values[static_cast<std::size_t>(q * keys + k)] = k <= q;
    return mask;
}

double attention_scale(const Arguments& a) {
    return a.given("scale") ? a.number("scale") : 1 / std::sqrt(static_cast<double>(a.shape("key")[3]));
}

void add_bias(const Arguments& a, Tensor& logits) {
    const Tensor bias = a.tensor(a.operand("bias"), logits.dtype());
    if (broadcast_shape(bias.shape(), logits.shape()) != logits.shape())
        fail(Code::shape, "a bias of shape ", bias.shape(), " does not fit logits of shape ", logits.shape());
    with_float(logits.dtype(),
               [&]<class T>(Type<T>) { binary<T>(logits, bias, logits, [](T l, T r) { return l + r; }); });
}

// softmax(query · keyᵀ · scale + bias) · value, per head; axes (batch, time, head, feature).
Tensors attention(const Arguments& a) {
    const DType dtype = carried(attention_dtype(a));
    const Tensor query = a.tensor(a.operand("query"), dtype);
    const std::int64_t heads = query.shape()[2];
    const Tensor key = shared_heads(a.tensor(a.operand("key"), dtype), heads);
    const Tensor value = shared_heads(a.tensor(a.operand("value"), dtype), heads);
    Tensor logits = einsum(parse_einsum("btnh,bsnh->bnts", 4, 4), query, key);
    with_float(dtype, [&]<class T>(Type<T>) {
        for (T& logit : logits.mutable_values<T>()) logit *= static_cast<T>(attention_scale(a));
    });
    if (a.given("bias")) add_bias(a, logits);
    if (a.given("mask")) fill_masked(logits, a.tensor(a.operand("mask"), DType::boolean), masked_logit);
    if (a.flag("is_causal")) fill_masked(logits, causal_mask(logits.shape()[2], logits.shape()[3]), masked_logit);
    softmax(logits, {3});
    return {einsum(parse_einsum("bnts,bsnh->btnh", 4, 4), logits, value)};
}

}  // namespace

const OpList& attention_ops() {
    static const OpList ops = {
        {{},
         {"DotProductAttention"},
         "query key value bias=null mask=null scale=null is_causal=false ~flash_attention ~attn_logits_soft_cap",
         attention_shape,
         attention_dtype,
         attention},
    };
    return ops;
}

}  // namespace layerctl::ops
