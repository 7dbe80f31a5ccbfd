// Embedding: the row of `embeddings` for every id.
#include <algorithm>
#include <cmath>

#include "engine/layer.hpp"
#include "engine/layers/core/lora.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

class Embedding final : public Layer {
    std::int64_t input_dim = 0;
    std::int64_t output_dim = 0;
    bool mask_zero = false;
    Initializer embeddings_initializer = Initializer::random_uniform();
    Lora lora{"embeddings"};

    void config(ConfigIo& io) override {
        io.required("input_dim", input_dim, positive);
        io.required("output_dim", output_dim, positive);
        io.optional("mask_zero", mask_zero);
        io.ignored("input_length");  // a shape that the input has anyway
        io.only("sparse", false);
        weight_config(io, "embeddings", embeddings_initializer);
        lora.config(io);
        io.only("quantization_config", nullptr);
    }

    WeightSpecs weights(const Shapes&) const override {
        const Shape embeddings = {input_dim, output_dim};
        WeightSpecs specs = {{"embeddings", embeddings, embeddings_initializer, !lora.enabled()}};
        lora.add_weights(embeddings, specs);
        return specs;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        std::vector<std::int64_t> dims = in[0].dims();
        dims.push_back(output_dim);
        return {Shape(std::move(dims))};
    }

    DType input_dtype(std::size_t, DType given) const override { return given; }
    DTypes compute_output_dtype(const DTypes&) const override { return {compute_dtype()}; }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        const Tensor ids = whole_numbers(x[0]), table = lora.merged(w);
        with_float(table.dtype(), [&]<class T>(Type<T>) {
            const T* rows = table.values<T>().data();
            T* to = y[0].mutable_values<T>().data();
            for (const std::int64_t id : ids.values<std::int64_t>())
                to = std::copy_n(rows + row_of(id) * output_dim, output_dim, to);
        });
    }

    /// Floats lose their fraction, as Keras casts them.
    static Tensor whole_numbers(const Tensor& x) {
        if (!is_floating(x.dtype())) return x.cast(DType::int64);
        const Tensor wide = x.cast(DType::float64);
        for (const double id : wide.values<double>())
            if (!(std::abs(id) < 0x1p62)) fail(Code::input, "wanted an id, found ", id);
        return wide.cast(DType::int64);
    }

    /// Keras 3 counts negative ids from the end.
    std::int64_t row_of(std::int64_t id) const {
        const std::int64_t row = id < 0 && context().dialect == Dialect::keras3 ? id + input_dim : id;
        if (row < 0 || row >= input_dim) fail(Code::input, "wanted ids below ", input_dim, ", found ", id);
        return row;
    }

    Masks compute_mask(const Tensors& x, const Masks&) const override {
        if (!mask_zero) return {Tensor()};
        return {x[0].cast(DType::boolean)};
    }
};

LAYERCTL_REGISTER_LAYER(Embedding);

}  // namespace
}  // namespace layerctl
