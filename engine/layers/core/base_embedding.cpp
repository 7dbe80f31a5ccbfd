#include "engine/layers/core/base_embedding.hpp"

#include <cmath>

#include "engine/ops/table/take.hpp"

namespace layerctl {
namespace {

/// Floats lose their fraction, as Keras casts them.
Tensor whole_numbers(const Tensor& x) {
    if (!is_floating(x.dtype())) return x.cast(DType::int64);
    const Tensor wide = x.cast(DType::float64);
    for (const double id : wide.values<double>())
        if (!(std::abs(id) < 0x1p62)) fail(Code::input, "wanted an id, found ", id);
    return wide.cast(DType::int64);
}

}  // namespace

void BaseEmbedding::config(ConfigIo& io) {
    io.required("input_dim", input_dim, positive);
    io.required("output_dim", output_dim, positive);
    io.optional("mask_zero", mask_zero);
    weight_config(io, "embeddings", embeddings_initializer);
    lora.config(io);
    quantization.config(io);
}

StoredMatrix BaseEmbedding::stored() const {
    return {.name = "embeddings", .rows = input_dim, .columns = output_dim, .summed = 1, .packed = 1};
}

WeightSpecs BaseEmbedding::weights(const Shapes&) const {
    if (quantization.float8()) fail(Code::unsupported, "quantization 'float8' of embeddings");
    const Shape embeddings = {input_dim, output_dim};
    WeightSpecs specs;
    if (quantization.integers()) quantization.add_weights(stored(), specs);
    else specs.push_back({"embeddings", embeddings, embeddings_initializer, !lora.enabled()});
    lora.add_weights(embeddings, specs);
    return specs;
}

Shapes BaseEmbedding::compute_output_shape(const Shapes& in) const {
    std::vector<std::int64_t> dims = in[0].dims();
    dims.push_back(output_dim);
    return {Shape(std::move(dims))};
}

void BaseEmbedding::call(const Tensors& x, const Weights& w, Tensors& y) const {
    const std::vector<std::int64_t> rows = rows_of(whole_numbers(x[0]));
    Tensor found =
        quantization.integers() ? quantization.dequantized_rows(stored(), w, rows) : ops::take(lora.merged(w), 0, rows);
    if (quantization.integers() && lora.enabled()) lora.add_product(ops::take(lora.a(w), 0, rows), w, found);
    y[0] = found.reshaped(y[0].shape());
}

/// Keras 3 counts negative ids from the end.
std::vector<std::int64_t> BaseEmbedding::rows_of(const Tensor& ids) const {
    std::vector<std::int64_t> rows;
    rows.reserve(ids.elements());
    for (const std::int64_t id : ids.values<std::int64_t>()) {
        rows.push_back(id < 0 && context().dialect == Dialect::keras3 ? id + input_dim : id);
        if (rows.back() < 0 || rows.back() >= input_dim)
            fail(Code::input, "wanted ids below ", input_dim, ", found ", id);
    }
    return rows;
}

Masks BaseEmbedding::compute_mask(const Tensors& x, const Masks&) const {
    if (!mask_zero) return {Tensor()};
    return {x[0].cast(DType::boolean)};
}

}  // namespace layerctl
