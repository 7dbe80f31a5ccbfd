#include "engine/ops/cudnn_layout.hpp"

#include <cstring>

#include "models/dispatch.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

/// Row and column within a block.
struct Place {
    std::int64_t row, column;
};

/// Fills every block of `y` from the same block of `x`: what comes to a place is told by `from(place, rows, columns)`.
template <class From>
Tensor moved_in_blocks(const Tensor& x, std::int64_t gates, From from) {
    if (x.shape().rank() != 2 || x.shape()[1] % gates != 0)
        fail(Code::weights, "wanted a kernel of ", gates, " blocks of columns, found shape ", x.shape());
    const std::int64_t rows = x.shape()[0], all = x.shape()[1], columns = all / gates;
    const std::size_t size = dtype_size(x.dtype());
    Tensor y = Tensor::uninitialized(x.dtype(), x.shape());
    std::byte* to = y.mutable_data();
    for (std::int64_t gate = 0; gate < gates; ++gate)
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t column = 0; column < columns; ++column) {
                const Place source = from(Place{row, column}, rows, columns);
                const auto offset = [&](Place place) {
                    return static_cast<std::size_t>(place.row * all + gate * columns + place.column) * size;
                };
                std::memcpy(to + offset({row, column}), x.data() + offset(source), size);
            }
    return y;
}

}  // namespace

Tensor kernel_from_cudnn(const Tensor& kernel, std::int64_t gates) {
    return moved_in_blocks(kernel, gates, [](Place to, std::int64_t rows, std::int64_t columns) {
        const std::int64_t flat = to.column * rows + to.row;
        return Place{flat / columns, flat % columns};
    });
}

Tensor kernel_to_cudnn(const Tensor& kernel, std::int64_t gates) {
    return moved_in_blocks(kernel, gates, [](Place to, std::int64_t rows, std::int64_t columns) {
        const std::int64_t flat = to.row * columns + to.column;
        return Place{flat % rows, flat / rows};
    });
}

Tensor recurrent_kernel_of_cudnn(const Tensor& kernel, std::int64_t gates) {
    if (kernel.shape().rank() != 2 || kernel.shape()[1] != gates * kernel.shape()[0])
        fail(Code::weights, "wanted a recurrent kernel of ", gates, " square blocks, found shape ", kernel.shape());
    return moved_in_blocks(kernel, gates, [](Place to, std::int64_t, std::int64_t) {
        return Place{to.column, to.row};
    });
}

Tensor bias_from_cudnn(const Tensor& bias, std::int64_t gates) {
    const std::int64_t half = bias.shape().elements() / 2;
    if (gates == 3) return bias.reshaped({2, half});
    Tensor sum = bias.rows(0, half);
    with_float(sum.dtype(), [&]<class T>(Type<T>) {
        const std::span<const T> all = bias.values<T>();
        const std::span<T> values = sum.mutable_values<T>();
        for (std::size_t i = 0; i < values.size(); ++i) values[i] += all[values.size() + i];
    });
    return sum;
}

Tensor bias_to_cudnn(const Tensor& bias, std::int64_t gates) {
    if (gates == 3) return bias.reshaped({bias.shape().elements()});
    Tensor halves = Tensor::uninitialized(bias.dtype(), {2 * bias.shape().elements()});
    with_float(bias.dtype(), [&]<class T>(Type<T>) {
        const std::span<const T> all = bias.values<T>();
        const std::span<T> values = halves.mutable_values<T>();
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = all[i % all.size()] / 2;
    });
    return halves;
}

}  // namespace layerctl::ops
