// Makes layers from JSON-like values and runs them on small tensors.
#pragma once

#include "engine/configured_layer.hpp"
#include "tests/errors.hpp"

namespace layerctl::test {

/// A layer of that class with that config; its problems are thrown.
inline std::unique_ptr<Layer> layer(const char* class_name, Value config, Dialect dialect = Dialect::keras2,
                                    DType dtype = DType::float32) {
    LayerContext context;
    context.dialect = dialect;
    context.compute_dtype = context.variable_dtype = dtype;
    return configured_layer(class_name, "", Config(std::move(config)), context);
}

/// What the layer would write for `config`, having been read from it.
inline Value written(const char* class_name, const Value& config, Dialect dialect = Dialect::keras2) {
    ConfigWriter writer(config, dialect);
    layer(class_name, config, dialect)->config(writer);
    return writer.value();
}

/// One output for one input; weights in declared order.
inline Tensor run(const Layer& layer, const Tensor& x, const Tensors& weights = {}) {
    const Shape shape = layer.compute_output_shape({x.shape()}).front();
    Weights bound;
    const WeightSpecs specs = layer.weights({x.shape()});
    for (std::size_t i = 0; i < specs.size(); ++i) bound.add(specs[i].name, weights.at(i));
    Tensors y = {Tensor(layer.compute_output_dtype({x.dtype()}).front(), shape)};
    layer.call({x}, bound, y);
    return y.front();
}

/// 0, 1, 2, … in that shape.
inline Tensor counting(const Shape& shape, DType dtype = DType::float32) {
    std::vector<double> values(static_cast<std::size_t>(shape.elements()));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
    return Tensor::from(shape, values).cast(dtype);
}

inline std::vector<float> floats(const Tensor& tensor) {
    const Tensor cast = tensor.cast(DType::float32);
    const auto values = cast.values<float>();
    return {values.begin(), values.end()};
}

}  // namespace layerctl::test
