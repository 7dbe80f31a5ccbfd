// The families the ops table is put together from, each in the file of its name.
#pragma once

#include "engine/ops/table/op.hpp"

namespace layerctl::ops {

const OpList& function_ops();
const OpList& arithmetic_ops();
const OpList& bitwise_ops();
const OpList& comparison_ops();
const OpList& cast_ops();
const OpList& activation_ops();
const OpList& reduction_ops();
const OpList& nan_reduction_ops();
const OpList& extreme_ops();
const OpList& statistics_ops();
const OpList& cumulative_ops();
const OpList& sorting_ops();
const OpList& unique_ops();
const OpList& shaping_ops();
const OpList& joining_ops();
const OpList& moving_ops();
const OpList& indexing_ops();
const OpList& scattering_ops();
const OpList& diagonal_ops();
const OpList& creation_ops();
const OpList& encoding_ops();
const OpList& product_ops();
const OpList& einsum_ops();
const OpList& vector_ops();
const OpList& linalg_ops();
const OpList& norm_ops();
const OpList& spectral_ops();
const OpList& short_time_ops();
const OpList& pooling_ops();
const OpList& convolution_ops();
const OpList& normalization_ops();
const OpList& attention_ops();
const OpList& block_ops();
const OpList& patch_ops();
const OpList& resizing_ops();
const OpList& framing_ops();
const OpList& color_ops();
const OpList& warp_ops();
const OpList& scaling_ops();
const OpList& loss_ops();
const OpList& ctc_ops();

}  // namespace layerctl::ops
