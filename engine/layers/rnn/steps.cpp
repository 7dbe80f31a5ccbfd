#include "engine/layers/rnn/steps.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "engine/layer.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl::rnn {

Tensor swap_batch_and_time(const Tensor& x) {
    ops::Permutation order(x.shape().rank());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::swap(order[0], order[1]);
    return ops::transpose(x, order);
}

Tensor reversed_in_time(const Tensor& sequence, bool time_major) {
    const Tensor from = time_major ? sequence : swap_batch_and_time(sequence);
    Tensor to = Tensor::uninitialized(from.dtype(), from.shape());
    const auto count = static_cast<std::size_t>(from.shape()[0]);
    const std::size_t size = count == 0 ? 0 : from.byte_size() / count;
    std::byte* bytes = to.mutable_data();
    for (std::size_t i = 0; i < count && size > 0; ++i)
        std::memcpy(bytes + i * size, from.data() + (count - 1 - i) * size, size);
    return time_major ? to : swap_batch_and_time(to);
}

Steps::Steps(const Tensor& sequence, bool time_major, bool backwards)
    : steps_(time_major ? sequence : swap_batch_and_time(sequence)), time_major_(time_major), backwards_(backwards) {}

Tensor Steps::rows() const {
    std::vector<std::int64_t> dims = steps_.shape().dims();
    dims[1] *= dims[0];
    dims.erase(dims.begin());
    return steps_.reshaped(Shape(std::move(dims)));
}

Tensor Steps::step_of(const Tensor& rows, std::int64_t t) const {
    const std::int64_t batch = steps_.shape()[1];
    return rows.rows(t * batch, (t + 1) * batch);
}

Tensor Steps::sequence_of(const Shape& output, DType dtype) const {
    return Tensor::uninitialized(dtype, output.prepended(count()));
}

void Steps::store(const Tensor& output, std::int64_t i, Tensor& sequence) const {
    const std::size_t size = output.byte_size();
    if (size > 0) std::memcpy(sequence.mutable_data() + static_cast<std::size_t>(i) * size, output.data(), size);
}

Tensor Steps::finished(const Tensor& sequence) const { return time_major_ ? sequence : swap_batch_and_time(sequence); }

StepMask::StepMask(const Tensor& mask, const Shape& sequence, bool time_major) {
    if (!mask.has_value()) return;
    require(mask.shape() == sequence.slice(0, 2), "wanted a mask of shape ", sequence.slice(0, 2), ", found ",
            mask.shape());
    mask_ = time_major ? mask : swap_batch_and_time(mask);
}

std::span<const bool> StepMask::at(std::int64_t t) const {
    const auto batch = static_cast<std::size_t>(mask_.shape()[1]);
    return mask_.values<bool>().subspan(static_cast<std::size_t>(t) * batch, batch);
}

bool StepMask::hides_any(std::int64_t t) const {
    if (!mask_.has_value()) return false;
    const std::span<const bool> row = at(t);
    return std::find(row.begin(), row.end(), false) != row.end();
}

void StepMask::restore(std::int64_t t, const Tensor& before, Tensor& now) const {
    const std::span<const bool> row = at(t);
    const std::size_t size = now.byte_size() / row.size();
    std::byte* to = now.mutable_data();
    for (std::size_t i = 0; i < row.size(); ++i)
        if (!row[i]) std::memcpy(to + i * size, before.data() + i * size, size);
}

}  // namespace layerctl::rnn
