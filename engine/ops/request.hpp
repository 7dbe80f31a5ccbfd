// What the fast engine may be asked for, by layers and by operations: a closed set of requests, weights included.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "engine/ops/activation.hpp"
#include "engine/ops/conv.hpp"
#include "engine/ops/pool.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl {

/// y = activation((x · kernel) · factor + bias [+ the last input]) for rows of k numbers, whatever their axes; kernel
/// (k, n), factor and bias (n) or nothing.
struct Product {
    Tensor kernel;
    Tensor bias;
    Activation activation;
    Tensor factor = {};
    bool adds = false;
};

/// y = activation(ops::conv(x, kernel) · factor + bias [+ the last input]), channels last; kernel (k…, channels /
/// groups, filters), factor and bias (filters) or nothing.
struct Convolution {
    ops::ConvShape shape;
    Tensor kernel;
    Tensor bias;
    Activation activation;
    Tensor factor = {};
    bool gated = false;  // channels of x are multiplied by the second input (batch, 1…, channels) first
    std::optional<ops::WindowAxes> adds = {};  // to an output the pixel of the last input where its window begins
};

/// y = activation(ops::depthwise_conv(x, kernel) + bias), channels last; kernel (taps, filters), bias (filters) or
/// nothing.
struct Depthwise {
    ops::ConvShape shape;
    Tensor kernel;
    Tensor bias;
    Activation activation;
};

/// A depthwise convolution, maybe of what a product made of the channels, then maybe a product of its channels. Kernels
/// of products (…, k, n).
struct Separable {
    Depthwise depthwise;
    std::optional<Product> product;
    std::optional<Product> expand = {};
};

/// y = activation(ops::conv_transpose(x, kernel) + bias), channels last; kernel (channels, taps, filters), bias
/// (filters) or nothing.
struct TransposedConvolution {
    ops::ConvShape shape;
    Tensor kernel;
    Tensor bias;
    Activation activation;
};

/// ops::pool, channels last.
struct Pool {
    ops::Pooling pooling = ops::Pooling::max;
    ops::Boxes boxes;
};

/// ops::global_pool over all axes but the first and the last. The mean may heed a mask (batch, time) of x: it is that
/// of the steps that the mask leaves.
struct Reduce {
    ops::Pooling pooling = ops::Pooling::max;
    bool heeds_mask = false;
};

/// y = activation(… (x0 ∘ x1) ∘ x2 …), element by element. Inputs of lower rank get axes of size 1 behind the first;
/// along axes of size 1 they are repeated. A constant may stand before the input of that place.
struct Combine {
    enum class Kind { add, subtract, multiply, divide, average, maximum, minimum };

    Kind kind = Kind::add;
    Activation activation = {};
    Tensor constant = {};
    std::size_t place = 0;
};

/// The inputs one after another along an axis.
struct Join {
    std::size_t axis = 0;
};

/// So many zeros before and behind the input, by axis; elements cut off where the number is negative.
struct Pad {
    std::vector<std::int64_t> before;
    std::vector<std::int64_t> behind;
};

/// Every element so many times in a row, by axis.
struct Repeat {
    std::vector<std::int64_t> times;
};

/// y = x, or x · alpha where x is below 0; alpha has the sizes of the last axes.
struct Slope {
    Tensor alpha;
};

/// y[…, c] = activation(x[…, c] · factor[c] + offset[c]).
struct Scale {
    Tensor factor;
    Tensor offset;
    Activation activation = {};
};

/// y = (x − shift) / √(spread + epsilon) · factor + offset, row by row; a row of x is as long as `factor` and `offset`
/// are, whatever their shapes. The spread is the variance, or the mean of squares; the shift the mean, or none.
struct Normalize {
    bool shifts = true;
    bool about_mean = true;
    double epsilon = 0;
    Tensor factor;
    Tensor offset;
};

/// y = activation(x).
struct Elementwise {
    Activation activation;
};

/// A cell along the second axis of x (batch, time, features), from the states that are the other inputs, or zeros.
/// Weights as Keras lays them out; bias is empty if there is none, and has two rows for a GRU that resets after the
/// product. Under a mask (batch, time) of x, hidden steps leave the states as they are, and their output is that of the
/// step before, or zeros; nothing comes before the first one but zeros.
struct Recurrence {
    enum class Cell { simple, gru, lstm };

    Cell cell = Cell::simple;
    Tensor kernel;
    Tensor recurrent_kernel;
    Tensor bias;
    Activation activation;
    Activation recurrent_activation;
    bool reset_after = false;
    bool go_backwards = false;
    bool return_sequences = false;
    bool return_state = false;
    bool keeps_state = false;  // initial states are what the last run left
    bool zero_output_for_mask = false;
};

/// Two of one kind over the same x, the sequence of the second turned around; their outputs, merged if that is said,
/// then the states of both. Initial states, if any, are of the first, then of the second.
struct Bidirection {
    enum class Merge { concat, sum, mul, ave };

    Recurrence forward;
    Recurrence backward;
    std::optional<Merge> merge;
};

/// Inputs query, value and maybe key, which is the value otherwise: y = softmax(query · keyᵀ · scale) · value for every
/// head, along the axes before the last one; each input projected before that, and the result after it, if that is
/// said. Neighbouring heads share those of key and value. If `causal`, later positions do not count.
struct DotProductAttention {
    struct Projections {
        Product query, key, value, output;  // heads side by side
    };

    std::optional<Projections> projections = {};
    std::size_t heads = 1;
    std::size_t key_value_heads = 1;
    std::size_t attended_axes = 1;
    double scale = 1;
    bool causal = false;
};

/// The row of `table` for every number of x; floats lose their fraction. Numbers of no row are an error. The mask, if
/// one is made, is that of the numbers other than 0.
struct Gather {
    Tensor table;
    bool negative_from_end = false;
    bool makes_mask = false;
};

/// y = x, or x · 0 where a whole row of the last axis is `value`; the mask is that of the other rows.
struct MaskRows {
    float value = 0;
};

/// A convolutional LSTM along the second axis of x (batch, time, …, channels), from the states that are the other
/// inputs, or zeros. Both convolutions are of one image and make the four gates of Keras side by side.
struct ConvRecurrence {
    Convolution input;
    Convolution recurrent;
    Activation activation;
    Activation recurrent_activation;
    bool go_backwards = false;
    bool return_sequences = false;
    bool return_state = false;
};

/// y[i…] = x at Σ i · stride: axes moved or repeated.
struct Strided {
    Shape shape;  // of y
    std::vector<std::int64_t> strides;
};

/// Another request for the same bytes, under these shapes.
struct AnyRequest;
struct Reshaped {
    std::shared_ptr<const AnyRequest> request;
    Shapes in;
    Shapes out;
};

/// The bytes of the input, under the shape of the output.
struct Pass {};

using Request = std::variant<Product, Convolution, Depthwise, Separable, TransposedConvolution, Pool, Reduce, Combine,
                             Join, Pad, Repeat, Slope, Scale, Normalize, Elementwise, Recurrence, Bidirection,
                             ConvRecurrence, DotProductAttention, Gather, MaskRows, Strided, Reshaped, Pass>;
struct AnyRequest {
    Request value;
};

/// Axes in that order.
Strided permuted(const Shape& shape, const ops::Permutation& order);

}  // namespace layerctl
