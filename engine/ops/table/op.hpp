// What an entry of the ops table is: the names of one operation, its arguments, its shapes, dtypes and arithmetic.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ops/request.hpp"
#include "engine/ops/table/arguments.hpp"

namespace layerctl::ops {

/// The dtypes of the outputs, one for each or one for all, from a callable that returns DType or DTypes.
class DTypeRule {
public:
    template <class F>
    DTypeRule(F rule)
        : rule_([rule](const Arguments& arguments) -> std::vector<DType> { return {rule(arguments)}; }) {}
    std::vector<DType> operator()(const Arguments& arguments) const { return rule_(arguments); }

private:
    std::function<std::vector<DType>(const Arguments&)> rule_;
};

/// What the fast engine may be asked for instead of `run`, before a run; nothing if no request says the same.
using Lower = std::function<std::optional<Request>(const Arguments&)>;

/// One operation of TensorFlow or Keras 3. Both spellings share an entry where they mean the same; where defaults or
/// meanings differ there is one entry for each.
struct Op {
    std::vector<std::string_view> tf;      // functions, without "tf."; under "compat.v1." some mean something else
    std::vector<std::string_view> keras3;  // classes
    std::string_view signature;            // see Signature
    std::function<Shapes(const Arguments&)> shapes;
    DTypeRule dtype;

    /// The outputs, in the carrier dtypes of `dtype`.
    std::function<Tensors(const Arguments&)> run;

    /// For operations on at least one tensor, all float32 and of known shapes, with results alike; may be empty.
    Lower lower = {};
};
using OpList = std::vector<Op>;

/// The entry of that name; nullptr if there is none.
const Op* find_tf_op(std::string_view function);
const Op* find_keras3_op(std::string_view class_name);

/// Every function or class in the table, sorted.
std::vector<std::string> tf_op_names();
std::vector<std::string> keras3_op_names();

/// Why an operation that Keras or TensorFlow has will never be in the table; empty if nothing is known about it.
std::string_view why_not_tf_op(std::string_view function);
std::string_view why_not_keras3_op(std::string_view class_name);

}  // namespace layerctl::ops
