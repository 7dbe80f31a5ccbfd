#include "engine/layers/core/lora.hpp"

#include "engine/ops/broadcast.hpp"
#include "engine/ops/matmul.hpp"
#include "models/dispatch.hpp"

namespace layerctl {

void Lora::config(ConfigIo& io) {
    if (io.dialect() != Dialect::keras3) return;
    io.optional("lora_rank", rank_, [](const std::optional<std::int64_t>& rank) {
        return rank && *rank <= 0 ? "positive or null" : nullptr;
    });
    io.optional("lora_alpha", alpha_);
}

void Lora::add_weights(const Shape& shape, WeightSpecs& specs) const {
    if (!enabled()) return;
    specs.push_back({"lora_" + weight_ + "_a", shape.with_back(*rank_), {"HeUniform"}});
    specs.push_back({"lora_" + weight_ + "_b", {*rank_, shape.back()}, Initializer::zeros()});
}

Tensor Lora::merged(const Weights& w) const {
    const Tensor& stored = w[weight_];
    if (!enabled()) return stored;
    Tensor product = Tensor::uninitialized(stored.dtype(), stored.shape());
    ops::matmul(a(w), w["lora_" + weight_ + "_b"], product);
    add_scaled(stored, product);
    return product;
}

void Lora::add_product(const Tensor& reduced, const Weights& w, Tensor& y) const {
    Tensor product = Tensor::uninitialized(y.dtype(), y.shape());
    ops::matmul(reduced, w["lora_" + weight_ + "_b"], product);
    add_scaled(y, product);
    y = std::move(product);
}

/// product = to + alpha / rank · product
void Lora::add_scaled(const Tensor& to, Tensor& product) const {
    with_float(product.dtype(), [&]<class T>(Type<T>) {
        const T rank = static_cast<T>(*rank_),
                scale = static_cast<T>(alpha_.value_or(static_cast<double>(*rank_))) / rank;
        ops::binary<T>(to, product, product, [=](T base, T delta) { return base + scale * delta; });
    });
}

}  // namespace layerctl
