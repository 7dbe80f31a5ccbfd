#include "engine/layers/rnn/conv_lstm.hpp"

#include "engine/ops/matmul.hpp"

namespace layerctl {
namespace {

Tensor convolved(const ops::Window& window, const Tensor& x, const Tensor& kernel) {
    const auto in = ops::SpatialShape::split(x.shape(), window.rank(), DataFormat::channels_last);
    ops::SpatialShape out = in;
    out.spatial = window.output(in.spatial);
    out.channels = kernel.shape().back();
    Tensor y = Tensor::uninitialized(x.dtype(), out.joined(DataFormat::channels_last));
    ops::conv({.batch = in.batch.elements(),
               .axes = window.axes(in.spatial),
               .channels = in.channels,
               .filters = out.channels},
              x, kernel, y);
    return y;
}

/// Activations along the channels would take another axis in channels_first.
bool is_along_channels(const Activation& activation) {
    using Id = Activation::Id;
    return activation.id == Id::softmax || activation.id == Id::log_softmax || activation.id == Id::sparsemax;
}

Shape kernel_shape(const ops::Window& window, std::int64_t channels, std::int64_t filters) {
    std::vector<std::int64_t> dims = window.size;
    dims.insert(dims.end(), {channels, filters});
    return Shape(std::move(dims));
}

}  // namespace

// Keras 2 means its own hard_sigmoid where the key is missing.
void ConvLstmCell::config(ConfigIo& io) {
    if (io.dialect() != Dialect::keras3 && !gates_.recurrent_activation.source)
        gates_.recurrent_activation = {.id = Activation::Id::hard_sigmoid_v2};
    io.required("filters", filters_, positive);
    io.required("kernel_size", per_axis(window_.size, window_.rank()), positive);
    io.optional("strides", per_axis(window_.strides, window_.rank()), positive);
    io.optional("padding", window_.padding, not_causal);
    io.optional("data_format", window_.data_format);
    io.optional("dilation_rate", per_axis(window_.dilation, window_.rank()), positive);
    io.optional("activation", gates_.activation, keeps_shape);
    io.optional("use_bias", use_bias_);
    gates_.config(io);
    weight_config(io, "kernel", kernel_initializer_);
    weight_config(io, "recurrent", recurrent_initializer_);
    weight_config(io, "bias", bias_initializer_);
    training_config(io);
    recurrent_window_.size = window_.size;
    recurrent_window_.padding = Padding::same;
    if (window_.data_format == DataFormat::channels_first &&
        (is_along_channels(gates_.activation) || is_along_channels(gates_.recurrent_activation)))
        fail(Code::unsupported, "softmax as an activation with channels_first");
}

ops::SpatialShape ConvLstmCell::split(const Shape& x) const {
    auto parts = ops::SpatialShape::split(x, window_.rank(), window_.data_format);
    require(parts.channels != Shape::unknown, "the number of channels must be known, found shape ", x);
    return parts;
}

WeightSpecs ConvLstmCell::weights(const Shapes& in) const {
    WeightSpecs specs = {{"kernel", kernel_shape(window_, split(in[0]).channels, 4 * filters_), kernel_initializer_},
                         {"recurrent_kernel", kernel_shape(window_, filters_, 4 * filters_), recurrent_initializer_}};
    if (use_bias_) specs.push_back({"bias", {4 * filters_}, gates_.bias_of_new(bias_initializer_)});
    return specs;
}

Shapes ConvLstmCell::states_of(const Shape& x) const {
    ops::SpatialShape parts = split(x);
    parts.spatial = window_.output(parts.spatial);
    parts.channels = filters_;
    return Shapes(2, parts.joined(window_.data_format));
}

std::optional<std::int64_t> ConvLstmCell::macs(const Shapes& in) const {
    const ops::SpatialShape parts = split(in[0]);
    const ops::WindowAxes axes = window_.axes(parts.spatial);
    const std::int64_t per_channel = ops::applications({.batch = parts.batch.elements(), .axes = axes});
    return ops::times(ops::times(per_channel, parts.channels + filters_), 4 * filters_);
}

Tensor ConvLstmCell::in_last(const Tensor& x) const {
    return window_.data_format == DataFormat::channels_last ? x : ops::to_channels_last(x, window_.rank());
}

Tensor ConvLstmCell::in_format(const Tensor& x) const {
    return window_.data_format == DataFormat::channels_last ? x : ops::to_channels_first(x, window_.rank());
}

Tensor ConvLstmCell::project(const Tensor& x, const Weights& w) const {
    Tensor y = convolved(window_, in_last(x), w["kernel"]);
    if (use_bias_) ops::add_bias(y, w["bias"]);
    return y;
}

Tensor ConvLstmCell::step(const Tensor& projected, const Weights& w, Tensors& states) const {
    for (Tensor& state : states) state = in_last(state);
    Tensor z = convolved(recurrent_window_, states[0], w["recurrent_kernel"]);
    rnn::add(projected, z);
    gates_.step(z, states);
    for (Tensor& state : states) state = in_format(state);
    return states[0];
}

std::optional<ConvRecurrence> ConvLstmCell::conv_recurrence(const Shape& x, const Weights& w) const {
    if (window_.data_format == DataFormat::channels_first) return {};
    const ops::SpatialShape parts = split(x);
    const ops::ConvShape input{
        .batch = 1, .axes = window_.axes(parts.spatial), .channels = parts.channels, .filters = 4 * filters_};
    const ops::ConvShape recurrent{.batch = 1,
                                   .axes = recurrent_window_.axes(window_.output(parts.spatial)),
                                   .channels = filters_,
                                   .filters = 4 * filters_};
    return ConvRecurrence{.input = {input, w["kernel"], use_bias_ ? w["bias"] : Tensor(), {}},
                          .recurrent = {recurrent, w["recurrent_kernel"], {}, {}},
                          .activation = gates_.activation,
                          .recurrent_activation = gates_.recurrent_activation};
}

std::optional<Request> ConvLstm::lower(const Shapes& in, const Weights& w) const {
    if (is_stateful()) return {};
    const Shape step = in[0].slice(1, in[0].rank()).with_front(in[0].front());
    std::optional<ConvRecurrence> recurrence = cell_.conv_recurrence(step, w.below("cell"));
    if (!recurrence) return {};
    recurrence->go_backwards = runs_backwards();
    recurrence->return_sequences = returns_sequences();
    recurrence->return_state = returns_state();
    return recurrence;
}

void ConvLstm::config(ConfigIo& io) {
    cell_.set_context(context());
    Rnn::config(io);
    cell_.config(io);
    if (time_major) fail(Code::unsupported, "config key 'time_major': only false is supported");
}

}  // namespace layerctl
