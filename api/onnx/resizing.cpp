#include "api/onnx/resizing.hpp"

#include <algorithm>

#include "api/onnx/spatial.hpp"
#include "api/onnx/steps.hpp"

namespace layerctl::onnx {
namespace {

/// The weights with which each of `to` elements takes those of `from`, as (to, from): what becomes of unit columns.
Tensor weights_along(Interpolation method, bool antialias, std::int64_t from, std::int64_t to) {
    Tensor units(DType::float64, {from, from, 1, 1});
    for (std::int64_t i = 0; i < from; ++i) units.mutable_values<double>()[static_cast<std::size_t>(i * from + i)] = 1;
    Tensor columns(DType::float64, {from, to, 1, 1});
    ops::resize(method, antialias, units, columns);
    return ops::transpose(columns.reshaped({from, to}), {1, 0});
}

/// Resizing is linear, and one axis after the other.
Name by_matrices(LayerCall& call, Interpolation method, bool antialias, const Name& x, const Shape& from,
                 const Ints& to, DataFormat format) {
    const bool last = format == DataFormat::channels_last;
    if (!from.is_known() || from.elements() * std::max(to[0], to[1]) > (std::int64_t{1} << 24))
        fail(Code::unsupported, "interpolation ", excerpt(ConfigField<Interpolation>::write(method)),
             antialias ? " with antialias" : "", " of images of spatial sizes ", from, " is not written as ONNX");
    const auto weights = [&](const char* name, std::size_t axis) {
        return call.b.constant(name, weights_along(method, antialias, from[axis], to[axis]).cast(call.dtype()));
    };
    const Name rows = einsum(call.b, last ? "ph,nhwc->npwc" : "ph,nchw->ncpw", {weights("rows", 0), x});
    return einsum(call.b, last ? "qw,npwc->npqc" : "qw,ncpw->ncpq", {weights("columns", 1), rows});
}

/// Which of `from` elements each of `to` is.
Tensor nearest_along(std::int64_t from, std::int64_t to) {
    const Tensor weights = weights_along(Interpolation::nearest, false, from, to);
    const auto rows = weights.values<double>();
    Ints nearest;
    for (std::int64_t i = 0; i < to; ++i) {
        const auto row = rows.begin() + i * from;
        nearest.push_back(std::max_element(row, row + from) - row);
    }
    return Tensor::from({to}, nearest);
}

/// Resize may round another way where the middle of a pixel meets the edge of another.
Name by_positions(LayerCall& call, const Name& x, const Shape& from, const Ints& to, DataFormat format) {
    if (!from.is_known())
        fail(Code::unsupported, "nearest neighbours in images of spatial sizes ", from, " are not written as ONNX");
    const std::int64_t axis = format == DataFormat::channels_last ? 1 : 2;
    const auto taken = [&](const Name& image, std::int64_t along, std::size_t i) {
        const Name positions = call.b.constant(i == 0 ? "rows" : "columns", nearest_along(from[i], to[i]));
        return call.b.add("Gather", {image, positions}, {{"axis", along}});
    };
    return taken(taken(x, axis, 0), axis + 1, 1);
}

}  // namespace

Name resized(LayerCall& call, Interpolation method, bool antialias, const Name& x, const Shape& from, const Ints& to,
             DataFormat format) {
    if (method == Interpolation::nearest) return by_positions(call, x, from, to, format);
    if (method != Interpolation::bilinear || antialias || call.dtype() != DType::float32)
        return by_matrices(call, method, antialias, x, from, to, format);
    Builder& b = call.b;
    const Name images = to_channels_first(b, x, 2, format);
    const Name sizes = concat(b, {sizes_of(b, images, {0, 1}), b.ints(to)}, 0);
    return from_channels_first(b, b.add("Resize", {images, "", "", sizes}, bilinear_attributes()), 2, format);
}

}  // namespace layerctl::onnx
