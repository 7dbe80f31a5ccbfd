// The operations that an evaluation calls, written down: a straight line, with all choices decided.
#pragma once

#include <vector>

#include "engine/ops/table/op.hpp"
#include "models/layer_spec.hpp"
#include "models/output_spec.hpp"

namespace layerctl::expressions {

/// One call. Its tensors name whose outputs they are: those of step `layer` - 1, or the inputs if `layer` is 0.
struct TracedOp {
    const ops::Op* op = nullptr;
    Dialect dialect = Dialect::keras2;  // of the library the operation was called from
    Call call;
    OutputSpec outputs;
};

struct Trace {
    std::vector<TracedOp> steps;
    std::vector<TensorRef> results;
};

/// A Layer or a function of tensors may derive from this, too, if it calls nothing but operations of the table.
class Traceable {
public:
    virtual ~Traceable() = default;

    /// What it calls for inputs of these shapes and dtypes. What cannot be written down is Code::unsupported.
    virtual Trace trace(const Shapes& in, const DTypes& dtypes) const = 0;
};

}  // namespace layerctl::expressions
