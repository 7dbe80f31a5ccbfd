// The operations of Keras 3: nodes that calls of keras.ops functions and operators leave in a Functional model.
#include "engine/layers/operations/operation_node.hpp"
#include "engine/registry.hpp"
#include "models/suggest.hpp"

namespace layerctl {
namespace {

class KerasOperation final : public OperationNode {
public:
    explicit KerasOperation(const ops::Op& entry) : signature_(entry.signature) { op = &entry; }

private:
    // What a constructor took stands in the config; which arguments those are differs by operation and version, so
    // every argument may.
    void config(ConfigIo& io) override {
        statics.clear();
        for (const ops::Parameter& parameter : signature_.parameters()) {
            Value value = parameter.fallback;
            io.optional(Keys(std::vector<std::string_view>(parameter.names.begin(), parameter.names.end())), value);
            if (!(value == parameter.fallback)) statics.emplace_back(parameter.names.front(), std::move(value));
        }
        if (!signature_.find("dtype")) io.only("dtype", Value());
    }

    ops::Signature signature_;
};

}  // namespace

std::unique_ptr<Layer> make_operation(std::string_view class_name) {
    const ops::Op* op = ops::find_keras3_op(class_name);
    return op == nullptr ? nullptr : std::make_unique<KerasOperation>(*op);
}

void fail_unknown_operation(std::string_view class_name) {
    if (const std::string_view reason = ops::why_not_keras3_op(class_name); !reason.empty())
        fail(Code::unsupported, "operation '", class_name, "' is not supported: ", reason);
    fail(Code::unsupported, "unknown operation '", class_name, "'", did_you_mean(class_name, ops::keras3_op_names()));
}

}  // namespace layerctl
