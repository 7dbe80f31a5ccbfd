// The one place where xtensor's headers are included: Tensors seen as xtensor arrays. For .cpp files only.
#pragma once

#include <vector>
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include "models/tensor.hpp"

namespace layerctl {

inline std::vector<std::size_t> xt_shape(const Shape& shape) { return {shape.begin(), shape.end()}; }

/// A read-only xtensor array over the bytes of `tensor`, which must outlive it.
template <class T>
auto as_xt(const Tensor& tensor) {
    const auto values = tensor.values<T>();
    return xt::adapt(values.data(), values.size(), xt::no_ownership(), xt_shape(tensor.shape()));
}
template <class T>
auto as_xt(Tensor&&) = delete;

/// The same to write through.
template <class T>
auto as_mutable_xt(Tensor& tensor) {
    const auto values = tensor.mutable_values<T>();
    return xt::adapt(values.data(), values.size(), xt::no_ownership(), xt_shape(tensor.shape()));
}

}  // namespace layerctl
