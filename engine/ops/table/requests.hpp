// Entries of the ops table in the words of the fast engine.
#pragma once

#include "engine/ops/table/op.hpp"

namespace layerctl::ops {

/// The entry with what it asks for.
Op lowered(Op op, Lower lower);

/// The request for the same bytes under these shapes.
Request reshaped(Request request, Shapes in, Shape out);

/// Whether the operand is input `place` of the operation.
bool is_input(const Operand& operand, std::size_t place);

/// The first two arguments, of which one may be a constant: x ∘ y.
std::optional<Request> combined(const Arguments& a, Combine::Kind kind);
template <Combine::Kind kind>
std::optional<Request> combining(const Arguments& a) {
    return combined(a, kind);
}

/// The inputs in argument "x", a list of all of them, joined along an axis, each under that shape first.
std::optional<Request> joined_inputs(const Arguments& a, std::size_t axis, const Shapes& as, const Shape& out);

/// The first argument under another shape.
std::optional<Request> passed_on(const Arguments& a);

/// activation(x).
std::optional<Request> activated(const Arguments& a, Activation activation);

/// A mean or maximum along the axes of argument "axis", if they are neighbours, and not so long that a mean should be
/// summed in float64.
std::optional<Request> reduced_to(const Arguments& a, Pooling pooling);
template <Pooling pooling>
std::optional<Request> reducing(const Arguments& a) {
    return reduced_to(a, pooling);
}

}  // namespace layerctl::ops
