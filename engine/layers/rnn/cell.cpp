#include "engine/layers/rnn/cell.hpp"

#include <cstring>
#include <functional>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/matmul.hpp"
#include "models/dispatch.hpp"

namespace layerctl {

Shapes Cell::compute_output_shape(const Shapes& in) const {
    Shapes out = states_of(in[0]);
    require(in.size() == 1 + out.size(), "wanted an input and ", out.size(), " states, found shapes ", in);
    for (std::size_t i = 0; i < out.size(); ++i)
        require(out[i].is_compatible_with(in[i + 1]), "state ", i, ": wanted shape ", out[i], ", found ", in[i + 1]);
    out.insert(out.begin(), output_of(in[0]));
    return out;
}

void Cell::call(const Tensors& x, const Weights& w, Tensors& y) const {
    Tensors states(x.begin() + 1, x.end());
    y[0] = step(project(x[0], w), w, states);
    std::move(states.begin(), states.end(), y.begin() + 1);
}

const Cell& as_cell(const Layer& layer) {
    const auto* cell = dynamic_cast<const Cell*>(&layer);
    if (cell == nullptr) fail(Code::unsupported, "wanted a recurrent cell");
    return *cell;
}

void training_config(ConfigIo& io) {
    for (const char* key : {"dropout", "recurrent_dropout", "seed", "implementation"}) io.ignored(key);
}

namespace rnn {

Tensor part(const Tensor& x, std::int64_t part, std::int64_t n) {
    Tensor y = Tensor::uninitialized(x.dtype(), x.shape().with_back(n));
    const std::size_t size = dtype_size(x.dtype());
    const std::size_t stride = static_cast<std::size_t>(x.shape().back()) * size;
    const std::size_t row = static_cast<std::size_t>(n) * size;
    const std::byte* from = x.data() + static_cast<std::size_t>(part) * row;
    std::byte* to = y.mutable_data();
    for (std::size_t done = 0; done < y.byte_size(); done += row, from += stride) std::memcpy(to + done, from, row);
    return y;
}

void add(const Tensor& x, Tensor& y) {
    with_float(y.dtype(), [&]<class T>(Type<T>) { ops::binary<T>(y, x, y, std::plus<T>()); });
}

void add_product(const Tensor& x, const Tensor& kernel, Tensor& y) {
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        const std::int64_t k = kernel.shape()[0], n = kernel.shape()[1];
        ops::gemm({.m = x.shape().elements(0, x.shape().rank() - 1),
                   .n = n,
                   .k = k,
                   .a = x.values<T>().data(),
                   .lda = k,
                   .b = kernel.values<T>().data(),
                   .ldb = n,
                   .c = y.mutable_values<T>().data(),
                   .ldc = n,
                   .beta = 1});
    });
}

}  // namespace rnn
}  // namespace layerctl
