// cuDNN: weights of CuDNNLSTM and CuDNNGRU in files for LSTM and GRU, and the reverse; the bias gives them away.
#include "engine/layouts/parts.hpp"
#include "engine/ops/cudnn_layout.hpp"

namespace layerctl::layouts {
namespace {

using Turn = Tensor (*)(const Tensor&, std::int64_t);

/// Halves are computed as float32.
StoredWeight with(const StoredWeight& stored, const Shape& shape, Turn turn, std::int64_t gates) {
    return turned(stored, shape, [turn, gates](const Tensor& x) {
        const bool half = x.dtype() == DType::float16 || x.dtype() == DType::bfloat16;
        return turn(half ? x.cast(DType::float32) : x, gates);
    });
}

}  // namespace

std::vector<StoredWeight> from_and_to_cudnn(const std::vector<Wanted>& wanted,
                                            const std::vector<StoredWeight>& stored) {
    std::vector<StoredWeight> weights = stored;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const std::optional<Gates> gates = gates_at(wanted, i);
        if (!gates || wanted[i].spec->shape.rank() != 2) continue;
        const std::int64_t n = gates->count, width = n * gates->units;
        const Shape plain = n == 4 ? Shape{width} : Shape{2, width}, cudnn = {2 * width};
        const Shape& target = wanted[i + 2].spec->shape;
        const Shape& source = stored[i + 2].shape;
        const bool from = source == cudnn && target == plain, to = source == plain && target == cudnn;
        if (!from && !to) continue;
        weights[i] = with(stored[i], stored[i].shape, from ? ops::kernel_from_cudnn : ops::kernel_to_cudnn, n);
        weights[i + 1] = with(stored[i + 1], stored[i + 1].shape, ops::recurrent_kernel_of_cudnn, n);
        weights[i + 2] = with(stored[i + 2], target, from ? ops::bias_from_cudnn : ops::bias_to_cudnn, n);
    }
    return weights;
}

}  // namespace layerctl::layouts
