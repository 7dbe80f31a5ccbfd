// Layers that prepare numbers and images.
#include <algorithm>
#include <cmath>

#include "api/onnx/layer_call.hpp"
#include "api/onnx/resizing.hpp"
#include "api/onnx/steps.hpp"
#include "engine/number_array.hpp"
#include "engine/ops/axes.hpp"
#include "models/dispatch.hpp"

namespace layerctl::onnx {
namespace {

Names rescaling(LayerCall& call) {
    const auto array = [&](const char* key) {
        return call.b.constant(key, call.settings.get_or(key, NumberArray::scalar(0)).tensor(call.dtype()));
    };
    return {call.b.add("Add", {call.b.add("Mul", {call.x[0], array("scale")}), array("offset")})};
}

/// The sizes of the axes kept apart; 1 for the others, or without them.
Shape statistics_shape(const LayerCall& call, bool in_place) {
    const auto axis = call.settings.get<std::optional<AxisList>>("axis");
    const std::vector<std::size_t> kept = axis ? axis->resolve(call.rank()) : std::vector<std::size_t>();
    Ints dims;
    for (std::size_t i = 0; i < call.rank(); ++i) {
        const bool keeps = std::find(kept.begin(), kept.end(), i) != kept.end();
        if (keeps || in_place) dims.push_back(keeps ? call.in[0][i] : 1);
    }
    return Shape(dims);
}

/// mean or variance: of the config, broadcast as the version does, or a weight.
Tensor statistic(const LayerCall& call, const char* name) {
    const Shape in_place = statistics_shape(call, true);
    if (!call.settings.has(name)) return call.w[name].cast(call.dtype()).reshaped(in_place);
    const Tensor given = call.settings.get<NumberArray>(name).tensor(call.dtype());
    return ops::broadcast_to(given, statistics_shape(call, call.keras3())).reshaped(in_place);
}

Names normalization(LayerCall& call) {
    Tensor spread = statistic(call, "variance");
    with_float(spread.dtype(), [&]<class T>(Type<T>) {
        for (T& value : spread.mutable_values<T>()) value = std::max(std::sqrt(value), static_cast<T>(1e-7));
    });
    const Name mean = call.b.constant("mean", statistic(call, "mean"));
    const Name deviation = call.b.constant("deviation", spread);
    if (call.settings.flag("invert")) return {call.b.add("Add", {call.b.add("Mul", {call.x[0], deviation}), mean})};
    return {call.b.add("Div", {call.b.add("Sub", {call.x[0], mean}), deviation})};
}

Names resizing(LayerCall& call) {
    for (const char* option : {"crop_to_aspect_ratio", "pad_to_aspect_ratio"})
        if (call.settings.flag(option)) fail(Code::unsupported, "'", option, "' is not written as ONNX");
    const DataFormat format = call.settings.get_or("data_format", DataFormat::channels_last);
    if (call.rank() != 4) fail(Code::unsupported, "an image without a batch axis is not written as ONNX");
    const Ints size = {call.settings.get<std::int64_t>("height"), call.settings.get<std::int64_t>("width")};
    return {resized(call, call.settings.get<Interpolation>("interpolation"), call.settings.flag("antialias"), call.x[0],
                    ops::SpatialShape::split(call.in[0], 2, format).spatial, size, format)};
}

// Of these, at inference nothing is left.
constexpr LayerForm forms[] = {
    {"AugMix", identity},
    {"CutMix", identity},
    {"MaxNumBoundingBoxes", identity},
    {"MixUp", identity},
    {"Normalization", normalization},
    {"RandAugment", identity},
    {"RandomBrightness", identity},
    {"RandomColorDegeneration", identity},
    {"RandomColorJitter", identity},
    {"RandomContrast", identity},
    {"RandomElasticTransform", identity},
    {"RandomErasing", identity},
    {"RandomFlip", identity},
    {"RandomGaussianBlur", identity},
    {"RandomGrayscale", identity},
    {"RandomHue", identity},
    {"RandomInvert", identity},
    {"RandomPerspective", identity},
    {"RandomPosterization", identity},
    {"RandomRotation", identity},
    {"RandomSaturation", identity},
    {"RandomSharpness", identity},
    {"RandomShear", identity},
    {"RandomTranslation", identity},
    {"RandomZoom", identity},
    {"Rescaling", rescaling},
    {"Resizing", resizing},
};

}  // namespace

LayerForms preprocessing_forms() { return forms; }

}  // namespace layerctl::onnx
