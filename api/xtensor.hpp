// Tensors and xtensor arrays. Optional: include it where xtensor is installed; the library itself does not need it.
#pragma once

#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>

#include "layerctl.hpp"

namespace layerctl {

/// The elements of a tensor as an xtensor array, without a copy: valid while `tensor` lives and is not written to.
/// T is the element type of its dtype; another one is Code::internal.
template <class T>
auto view_as_xtensor(const Tensor& tensor) {
    const std::span<const T> values = tensor.values<T>();
    const std::vector<std::size_t> shape(tensor.shape().begin(), tensor.shape().end());
    return xt::adapt(values.data(), values.size(), xt::no_ownership(), shape);
}

/// The tensor of an xtensor array or expression, evaluated straight into the tensor's memory.
template <class Expression>
Tensor tensor_from_xtensor(const Expression& expression) {
    using T = typename Expression::value_type;
    const auto& shape = expression.shape();
    Tensor tensor = Tensor::uninitialized(dtype_of<T>, Shape(std::vector<std::int64_t>(shape.begin(), shape.end())));
    const std::span<T> values = tensor.mutable_values<T>();
    std::copy(expression.template begin<xt::layout_type::row_major>(),
              expression.template end<xt::layout_type::row_major>(), values.begin());
    return tensor;
}

}  // namespace layerctl
