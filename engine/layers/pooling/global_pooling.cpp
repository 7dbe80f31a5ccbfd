#include "engine/layers/pooling/global_pooling.hpp"

namespace layerctl {

void GlobalPooling::config(ConfigIo& io) {
    io.optional("data_format", data_format);
    io.optional("keepdims", keepdims);
}

Shapes GlobalPooling::compute_output_shape(const Shapes& in) const {
    require(in[0].rank() == rank + 2, "input must have rank ", rank + 2, ", found shape ", in[0]);
    auto parts = ops::SpatialShape::split(in[0], rank, data_format);
    parts.spatial = keepdims ? Shape(std::vector<std::int64_t>(rank, 1)) : Shape();
    return {parts.joined(data_format)};
}

// A maximum of integers is an integer, and so is a mean in Keras 2, without its fraction.
DType GlobalPooling::input_dtype(std::size_t i, DType given) const {
    const bool kept = pooling == ops::Pooling::max || (is_integer(given) && context().dialect != Dialect::keras3);
    return kept ? keep(given) : Layer::input_dtype(i, given);
}

void GlobalPooling::call(const Tensors& x, const Weights&, Tensors& y) const {
    const auto in = ops::SpatialShape::split(x[0].shape(), rank, data_format);
    const bool channels_last = data_format == DataFormat::channels_last;
    Tensor result = y[0].reshaped({in.batch[0], in.channels});
    y[0] = {};
    ops::global_pool(pooling, in.spatial.elements(), channels_last ? x[0] : ops::to_channels_last(x[0], rank), result);
    y[0] = result.reshaped(compute_output_shape({x[0].shape()}).front());
}

std::optional<Request> GlobalPooling::lower(const Shapes&, const Weights&) const {
    if (data_format == DataFormat::channels_first) return {};
    return Reduce{pooling};
}

}  // namespace layerctl
