#include "engine/ops/table/nonzero.hpp"

namespace layerctl::ops {

DType position_dtype(const Arguments& a) { return a.keras3() ? DType::int32 : DType::int64; }

Shapes nonzero_shapes(const Arguments& a, std::string_view name) {
    const std::size_t rank = a.shape(name).rank();
    if (a.keras3()) return Shapes(rank, Shape{Shape::unknown});
    return {Shape{Shape::unknown, static_cast<std::int64_t>(rank)}};
}

Tensors nonzero(const Arguments& a, std::string_view name) {
    const Tensor flags = a.tensor(a.operand(name), DType::boolean);
    const std::size_t rank = flags.shape().rank();
    std::vector<std::vector<std::int64_t>> positions(rank);
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> at(rank);
    for (const bool flag : flags.values<bool>()) {
        for (std::size_t axis = 0; flag && axis < rank; ++axis) {
            positions[axis].push_back(at[axis]);
            rows.push_back(at[axis]);
        }
        for (std::size_t axis = rank; axis-- > 0;) {
            if (++at[axis] < flags.shape()[axis]) break;
            at[axis] = 0;
        }
    }
    if (!a.keras3()) {
        const auto found = static_cast<std::int64_t>(rank == 0 ? 0 : positions[0].size());
        return {Tensor::from(Shape{found, static_cast<std::int64_t>(rank)}, rows)};
    }
    Tensors y;
    for (const auto& row : positions)
        y.push_back(Tensor::from(Shape{static_cast<std::int64_t>(row.size())}, row).cast(DType::int32));
    return y;
}

}  // namespace layerctl::ops
