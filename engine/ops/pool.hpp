// Pooling: the maximum or mean of boxes of an image, on tensors (batch, spatial…, channels) of float32 or float64;
// maxima of integers too.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/ops/spatial.hpp"
#include "models/tensor.hpp"

namespace layerctl::ops {

enum class Pooling { max, average };

/// The inputs [first, last) that an output takes along one axis.
struct Range {
    std::int64_t first, last;
};

/// Per axis (depth, height, width) the ranges of all outputs; their products are the boxes.
struct Boxes {
    std::array<std::int64_t, 3> in = {1, 1, 1};
    std::array<std::vector<Range>, 3> ranges = {{{{0, 1}}, {{0, 1}}, {{0, 1}}}};
};

/// The boxes of a sliding window, without its padding.
Boxes window_boxes(const Window& window, const Shape& spatial);

/// Boxes that split each axis into `out` parts of about equal size: ⌊i·n/o⌋ … ⌈(i+1)·n/o⌉ − 1.
Boxes adaptive_boxes(const Shape& spatial, const std::vector<std::int64_t>& out);

/// y (batch, outputs…, channels) from x (batch, inputs…, channels). As in TensorFlow a maximum starts from the lowest
/// finite number and passes over NaN.
void pool(Pooling pooling, const Boxes& boxes, const Tensor& x, Tensor& y);

/// The same over all positions at once: x (batch…, positions, channels) as given, y (batch…, channels). NaN stays NaN.
void global_pool(Pooling pooling, std::int64_t positions, const Tensor& x, Tensor& y);

/// Mean over the positions where `mask` (batch, positions) holds: Σ x·m / Σ m.
void masked_average(const Tensor& x, const Tensor& mask, Tensor& y);

}  // namespace layerctl::ops
