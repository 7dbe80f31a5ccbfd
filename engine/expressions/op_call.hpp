// Calls of the ops table on items: the same rules as for the nodes of operations.
#pragma once

#include <string_view>

#include "engine/expressions/item.hpp"
#include "engine/ops/table/op.hpp"

namespace layerctl::expressions {

/// One tensor, or a sequence for operations that return a list. `dialect` is that of the library the operation was
/// called from: it decides how dtypes meet. Without a tensor among the arguments the first one becomes one, as Keras
/// makes it.
Item call_op(const ops::Op& op, Dialect dialect, CallItems items, const Frame& frame);

/// What TensorFlow and Keras make of Python numbers where they want a tensor: float32 if one has a fraction, else
/// int32. An array has its own dtype, and `dtype` may ask for another.
Item tensor_of_constant(const Item& item, std::optional<DType> dtype, Purpose purpose);

/// An operator of Python between items, of which one is a tensor: "+", "@", "==", …
Item tensor_binary(const std::string& symbol, const Item& x, const Item& y, const Frame& frame);

/// Minus a tensor.
Item negative(const Item& x, const Frame& frame);

/// `x[key]` of a tensor.
Item tensor_subscript(const Item& x, const Item& key, const Frame& frame);

/// The numbers of an item, rounded to its dtype and carried in what layers see.
Item rounded(Tensor tensor, DType dtype);

}  // namespace layerctl::expressions
