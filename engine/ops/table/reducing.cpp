#include "engine/ops/table/reducing.hpp"

namespace layerctl::ops {

Shapes reduced_shape(const Arguments& a) {
    const Shape shape = a.shape("x");
    const std::vector<std::size_t> axes = axes_or_all(a);
    const bool keeps = a.has("keepdims") && a.given("keepdims") && a.flag("keepdims");
    std::vector<std::int64_t> dims;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        const bool gone = std::count(axes.begin(), axes.end(), axis) > 0;
        if (!gone) dims.push_back(shape[axis]);
        else if (keeps) dims.push_back(1);
    }
    return {Shape(std::move(dims))};
}

Rows rows_along_axes(const Arguments& a, const Tensor& x) {
    const std::vector<std::size_t> axes = axes_or_all(a);
    const std::size_t rank = x.shape().rank();
    const Tensor rows = transpose(x, to_back(axes, rank));
    return {rows, rows.shape().elements(rank - axes.size(), rank)};
}

DType total_dtype(const Arguments& a) {
    const DType dtype = a.dtype("x");
    if (!a.keras3()) return number_dtype(a);
    if (dtype == DType::boolean || dtype == DType::int8 || dtype == DType::int16) return DType::int32;
    if (dtype == DType::uint8 || dtype == DType::uint16) return DType::uint32;
    return number_dtype(a);
}

}  // namespace layerctl::ops
