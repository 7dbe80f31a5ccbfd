// The ops table: every family in one list.
#include <algorithm>

#include "engine/ops/table/op.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

const std::vector<const OpList*>& families() {
    static const std::vector<const OpList*> all = {&arithmetic_ops(), &comparison_ops(), &activation_ops(),
                                                   &reduction_ops(),  &shaping_ops(),    &moving_ops(),
                                                   &product_ops(),    &image_ops()};
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
