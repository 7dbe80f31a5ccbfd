// TFOpLambda: a function of TensorFlow called on symbolic tensors, as tf.keras 2.4 and later record it.
#include "engine/layers/operations/operation_node.hpp"
#include "models/suggest.hpp"

namespace layerctl {
namespace {

class TFOpLambda final : public OperationNode {
    std::string function;

    void config(ConfigIo& io) override {
        io.required("function", function);
        op = ops::find_tf_op(function);
        if (op != nullptr) return;
        if (const std::string_view reason = ops::why_not_tf_op(function); !reason.empty())
            fail(Code::unsupported, "TensorFlow function '", function, "' is not supported: ", reason);
        fail(Code::unsupported, "TensorFlow function '", function, "' is not supported",
             did_you_mean(function, ops::tf_op_names()));
    }
};

LAYERCTL_REGISTER_LAYER(TFOpLambda);
LAYERCTL_REGISTER_ALIAS(TFOpLambda, SlicingOpLambda);

}  // namespace
}  // namespace layerctl
