// Layers of Keras that compute integers in floats and cast the result back.
#pragma once

#include "engine/layer.hpp"

namespace layerctl {

/// `call(x, y)`; integers go through `floats` and the result is cut to the dtype of x[0] before it becomes y's.
template <class Call>
void through_floats(DType floats, const Tensors& x, Tensors& y, Call call) {
    if (!is_integer(x[0].dtype())) return call(x, y);
    Tensors in, out;
    for (const Tensor& tensor : x) in.push_back(tensor.cast(floats));
    for (const Tensor& tensor : y) out.push_back(Tensor::uninitialized(floats, tensor.shape()));
    call(in, out);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = out[i].cast(x[0].dtype()).cast(y[i].dtype());
}

}  // namespace layerctl
