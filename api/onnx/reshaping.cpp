// Layers that move, repeat, cut or add elements.
#include <algorithm>

#include "api/onnx/layer_call.hpp"
#include "api/onnx/resizing.hpp"
#include "api/onnx/spatial.hpp"
#include "api/onnx/steps.hpp"
#include "engine/layers/reshaping/margins.hpp"
#include "engine/ops/resize.hpp"

namespace layerctl::onnx {
namespace {

Names flatten(LayerCall& call) {
    const bool channels_first = call.settings.get<DataFormat>("data_format") == DataFormat::channels_first;
    Name x = call.x[0];
    if (channels_first && call.rank() > 2) x = transpose(call.b, x, ops::to_back({1}, call.rank()));
    return {reshape_features(call.b, x, call.out[0])};
}

Names reshape_layer(LayerCall& call) { return {reshape_features(call.b, call.x[0], call.out[0])}; }

Names permute(LayerCall& call) {
    ops::Permutation order = {0};
    for (const std::int64_t axis : call.settings.get<Ints>("dims")) order.push_back(static_cast<std::size_t>(axis));
    return {transpose(call.b, call.x[0], order)};
}

Names repeat_vector(LayerCall& call) {
    const Ints repeats = {1, call.settings.get<std::int64_t>("n"), 1};
    return {call.b.add("Tile", {unsqueeze(call.b, call.x[0], {1}), call.b.ints(repeats)})};
}

std::size_t first_spatial_axis(const LayerCall& call) {
    return call.settings.get_or("data_format", DataFormat::channels_last) == DataFormat::channels_first ? 2 : 1;
}

Margins margins_of(const LayerCall& call, const char* key) {
    Margins margins{std::vector<Margin>(call.rank() - 2)};
    ConfigField<Margins>::read(call.settings.get<Value>(key), margins, call.layer.context().dialect);
    return margins;
}

Names cropping(LayerCall& call) {
    Ints begin, end, axes;
    const std::size_t first = first_spatial_axis(call);
    for (const Margin& side : margins_of(call, "cropping").sides) {
        axes.push_back(static_cast<std::int64_t>(first + axes.size()));
        begin.push_back(side.before);
        end.push_back(side.after == 0 ? INT64_MAX : -side.after);
    }
    return {call.b.add("Slice", {call.x[0], call.b.ints(begin), call.b.ints(end), call.b.ints(axes)})};
}

Names zero_padding(LayerCall& call) {
    Ints pads(2 * call.rank(), 0);
    std::size_t axis = first_spatial_axis(call);
    for (const Margin& side : margins_of(call, "padding").sides) {
        pads[axis] = side.before;
        pads[call.rank() + axis++] = side.after;
    }
    return {call.b.add("Pad", {call.x[0], call.b.ints(pads), call.b.number(call.dtype(), 0)})};
}

Ints factors_of(const LayerCall& call) {
    const Value size = call.settings.get<Value>("size");
    if (const std::int64_t* one = size.integer()) return {*one};
    return call.settings.get<Ints>("size");
}

/// Every element beside copies of itself: a new axis behind each spatial one, repeated and folded back.
Names up_sampling(LayerCall& call) {
    const Ints factors = factors_of(call);
    const std::size_t first = first_spatial_axis(call);
    Ints axes, repeats = {1}, dims = call.out[0].dims();
    for (std::size_t i = 1; i < call.rank(); ++i) {
        repeats.push_back(1);
        if (i < first || i >= first + factors.size()) continue;
        axes.push_back(static_cast<std::int64_t>(repeats.size()));
        repeats.push_back(factors[i - first]);
    }
    const Name repeated = call.b.add("Tile", {unsqueeze(call.b, call.x[0], axes), call.b.ints(repeats)});
    if (std::count(dims.begin() + 1, dims.end(), Shape::unknown) <= 1)
        return {reshape_features(call.b, repeated, call.out[0])};
    Ints scale(call.rank(), 1);
    for (std::size_t i = 0; i < factors.size(); ++i) scale[first + i] = factors[i];
    const Name sizes = call.b.add("Mul", {call.b.add("Shape", {call.x[0]}), call.b.ints(scale)});
    return {call.b.add("Reshape", {repeated, sizes})};
}

Names up_sampling2d(LayerCall& call) {
    const auto method = call.settings.get<Interpolation>("interpolation");
    if (method == Interpolation::nearest) return up_sampling(call);
    require_float(call);
    const Ints factors = factors_of(call);
    const DataFormat format = call.settings.get<DataFormat>("data_format");
    const Shape from = ops::SpatialShape::split(call.in[0], 2, format).spatial;
    if (from.is_known())
        return {resized(call, method, false, call.x[0], from, {from[0] * factors[0], from[1] * factors[1]}, format)};
    if (method != Interpolation::bilinear || call.dtype() != DType::float32)
        fail(Code::unsupported, "this interpolation of images of unknown size is not written as ONNX");
    const std::vector<float> scales = {1, 1, static_cast<float>(factors[0]), static_cast<float>(factors[1])};
    const Name x = to_channels_first(call.b, call.x[0], 2, format);
    const Name y =
        call.b.add("Resize", {x, "", call.b.constant("scales", Tensor::from({4}, scales))}, bilinear_attributes());
    return {from_channels_first(call.b, y, 2, format)};
}

constexpr LayerForm forms[] = {
    {"Cropping1D", cropping},
    {"Cropping2D", cropping},
    {"Cropping3D", cropping},
    {"Flatten", flatten},
    {"Permute", permute},
    {"RepeatVector", repeat_vector},
    {"Reshape", reshape_layer},
    {"UpSampling1D", up_sampling},
    {"UpSampling2D", up_sampling2d},
    {"UpSampling3D", up_sampling},
    {"ZeroPadding1D", zero_padding},
    {"ZeroPadding2D", zero_padding},
    {"ZeroPadding3D", zero_padding},
};

}  // namespace

LayerForms reshaping_forms() { return forms; }

}  // namespace layerctl::onnx
