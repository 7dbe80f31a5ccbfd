// The ops table: every family in one list.
#include <algorithm>

#include "engine/ops/table/families.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

const std::vector<const OpList*>& families() {
    static const std::vector<const OpList*> all = {
        &function_ops(),   &arithmetic_ops(),  &bitwise_ops(),       &comparison_ops(),
        &activation_ops(), &reduction_ops(),   &nan_reduction_ops(), &extreme_ops(),
        &statistics_ops(), &cumulative_ops(),  &sorting_ops(),       &shaping_ops(),
        &joining_ops(),    &moving_ops(),      &indexing_ops(),      &scattering_ops(),
        &diagonal_ops(),   &creation_ops(),    &encoding_ops(),      &product_ops(),
        &einsum_ops(),     &linalg_ops(),      &norm_ops(),          &spectral_ops(),
        &short_time_ops(), &vector_ops(),      &cast_ops(),          &unique_ops(),
        &pooling_ops(),    &convolution_ops(), &normalization_ops(), &attention_ops(),
        &block_ops(),      &patch_ops(),       &resizing_ops(),      &framing_ops(),
        &color_ops(),      &warp_ops(),        &scaling_ops(),       &loss_ops(),
        &ctc_ops()};
    return all;
}

const Op* find(std::vector<std::string_view> Op::*names, std::string_view name) {
    for (const OpList* family : families())
        for (const Op& op : *family)
            if (std::find((op.*names).begin(), (op.*names).end(), name) != (op.*names).end()) return &op;
    return nullptr;
}

std::vector<std::string> sorted_names(std::vector<std::string_view> Op::*names) {
    std::vector<std::string> result;
    for (const OpList* family : families())
        for (const Op& op : *family) result.insert(result.end(), (op.*names).begin(), (op.*names).end());
    std::sort(result.begin(), result.end());
    const auto twice = std::adjacent_find(result.begin(), result.end());
    if (twice != result.end()) fail(Code::internal, "operation '", *twice, "' is in the table twice");
    return result;
}

}  // namespace

const Op* find_tf_op(std::string_view function) { return find(&Op::tf, function); }

const Op* find_keras3_op(std::string_view class_name) { return find(&Op::keras3, class_name); }

std::vector<std::string> tf_op_names() { return sorted_names(&Op::tf); }
std::vector<std::string> keras3_op_names() { return sorted_names(&Op::keras3); }

}  // namespace layerctl::ops
