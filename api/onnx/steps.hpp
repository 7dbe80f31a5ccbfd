// Steps that many layers are made of, each one or a few nodes. Axes are counted from 0. Internal to api.
#pragma once

#include "api/onnx/builder.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::onnx {

Name transpose(Builder& b, const Name& x, const ops::Permutation& order);

/// Every matrix of the last two axes turned around.
Name matrices_transposed(Builder& b, const Name& x, std::size_t rank);

/// `dims` as ONNX' Reshape reads them: 0 is the input's size on that axis, one may be −1.
Name reshape(Builder& b, const Name& x, const Ints& dims);

/// Another shape for (batch, …): sizes `to` may be unknown on the first axis, which stays, and on one more.
/// Code::unsupported if more are.
Name reshape_features(Builder& b, const Name& x, const Shape& to);

Name cast(Builder& b, const Name& x, DType dtype);
Name unsqueeze(Builder& b, const Name& x, const Ints& axes);
Name squeeze(Builder& b, const Name& x, const Ints& axes);

/// Elements [begin, end) of one axis; `end` may lie beyond it.
Name slice(Builder& b, const Name& x, std::int64_t axis, std::int64_t begin, std::int64_t end, std::int64_t step = 1);
Name reversed(Builder& b, const Name& x, std::int64_t axis);
Name concat(Builder& b, const Names& parts, std::int64_t axis);

/// Pieces of these sizes along an axis.
Names split(Builder& b, const Name& x, std::int64_t axis, const Ints& sizes);

/// ReduceMean, ReduceSum, ReduceMax, ReduceMin or ReduceProd.
Name reduce(Builder& b, const std::string& op_type, const Name& x, const Ints& axes, bool keepdims);

/// min(max(x, low), high)
Name clip(Builder& b, const Name& x, DType dtype, double low, double high);

/// x / max(√Σx², least), the sum along these axes.
Name unit_length(Builder& b, const Name& x, const Ints& axes, DType dtype, double least);

/// x with a number of its dtype.
Name with_number(Builder& b, const std::string& op_type, const Name& x, DType dtype, double number);

/// The sizes of these axes as an int64 vector.
Name sizes_of(Builder& b, const Name& x, const Ints& axes);

/// The sum of products that an equation of numpy's einsum says.
Name einsum(Builder& b, const std::string& equation, const Names& inputs);

/// These axes counted from 0.
Ints resolved(const Ints& axes, std::size_t rank);

/// What a graph says of one of its inputs or outputs; an open first size is called "batch".
ValueInfoProto described(const Name& name, DType dtype, const Shape& shape);

Ints to_ints(const std::vector<std::size_t>& axes);
Ints counted(std::size_t first, std::size_t last);

}  // namespace layerctl::onnx
