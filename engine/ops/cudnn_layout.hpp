// The weights of LSTM and GRU (reset_after) as cuDNN wants them, and as Keras' own layers hold them.
#pragma once

#include "models/tensor.hpp"

namespace layerctl::ops {

/// The two layouts have the same shapes but for the bias. Each of the `gates` blocks of columns is turned by itself.
Tensor kernel_from_cudnn(const Tensor& kernel, std::int64_t gates);
Tensor kernel_to_cudnn(const Tensor& kernel, std::int64_t gates);

/// Its own inverse.
Tensor recurrent_kernel_of_cudnn(const Tensor& kernel, std::int64_t gates);

/// cuDNN adds two biases. LSTM (4 gates) has room for their sum only: (8·units) <-> (4·units), halved on the way back.
/// GRU (3 gates) has room for both: (6·units) <-> (2, 3·units).
Tensor bias_from_cudnn(const Tensor& bias, std::int64_t gates);
Tensor bias_to_cudnn(const Tensor& bias, std::int64_t gates);

}  // namespace layerctl::ops
