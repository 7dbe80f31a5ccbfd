// What an entry of the ops table is: the names of one operation, its arguments, its shapes, dtypes and arithmetic.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ops/table/arguments.hpp"

namespace layerctl::ops {

/// One operation of TensorFlow or Keras 3. Both spellings share an entry where they mean the same; where defaults or
/// meanings differ there is one entry for each.
struct Op {
    std::vector<std::string_view> tf;      // functions, without "tf."; under "compat.v1." some mean something else
    std::vector<std::string_view> keras3;  // classes
    std::string_view signature;            // see Signature
    std::function<Shapes(const Arguments&)> shapes;
    std::function<DType(const Arguments&)> dtype;

    /// The outputs, in the carrier dtype of `dtype`.
    std::function<Tensors(const Arguments&)> run;
};
using OpList = std::vector<Op>;

/// The entry of that name; nullptr if there is none.
const Op* find_tf_op(std::string_view function);
const Op* find_keras3_op(std::string_view class_name);

/// Every function or class in the table, sorted.
std::vector<std::string> tf_op_names();
std::vector<std::string> keras3_op_names();

/// The families the table is put together from.
const OpList& arithmetic_ops();
const OpList& comparison_ops();
const OpList& activation_ops();
const OpList& reduction_ops();
const OpList& shaping_ops();
const OpList& moving_ops();
const OpList& product_ops();
const OpList& image_ops();

}  // namespace layerctl::ops
