// What the nodes of operations share: a recorded call bound to an entry of the ops table.
#pragma once

#include <optional>

#include "engine/lowering.hpp"
#include "engine/ops/table/op.hpp"

namespace layerctl {

/// Operations have no weights, know no masks and take every tensor in the dtype it has.
class OperationNode : public Layer, public Lowers {
public:
    bool binds_call() const final { return true; }
    void bind_call(const Call& call) final;

    Shapes compute_output_shape(const Shapes& in) const final;
    DType input_dtype(std::size_t, DType given) const final { return given; }
    DTypes compute_output_dtype(const DTypes& in) const final;
    void call(const Tensors& x, const Weights&, Tensors& y) const final;
    std::optional<Request> lower(const Shapes& in, const Weights&) const final;

    /// The entry of the table, and the call that was bound to it.
    const ops::Op& entry() const { return *op; }
    const ops::Binding& bound() const;

protected:
    const ops::Op* op = nullptr;
    std::vector<std::pair<std::string, Value>> statics;  // arguments that stand in the config

    /// The call under the names of the entry's parameters, its tensors in the same order.
    virtual Call named(const Call& call) const { return call; }

private:
    std::optional<ops::Binding> binding_;
};

}  // namespace layerctl
