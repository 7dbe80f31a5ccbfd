// Output shapes that Keras 3 shows and that differ from those of the outputs it computes.
#include <algorithm>

#include "api/summary_table.hpp"

namespace layerctl::summary {
namespace {

// "glu" halves the last axis; the static shapes of Keras 3 do not know that.
bool halves_last_axis(const LayerSpec& layer) {
    const Value* activation = layer.config.find("activation");
    if (activation == nullptr) return false;
    if (activation->object() != nullptr) activation = activation->find("config");
    return activation != nullptr && *activation == Value("glu");
}

void double_last_axis(OutputShapes& shapes) {
    for (std::optional<Shape>& shape : shapes)
        if (shape && shape->rank() > 0 && shape->back() != Shape::unknown) shape = shape->with_back(2 * shape->back());
}

// The dimensions `output_shape` states; nothing stands for one left open.
std::vector<std::int64_t> stated_dims(const Value& output_shape) {
    if (const std::int64_t* dim = output_shape.integer()) return {*dim};
    std::vector<std::int64_t> dims;
    if (output_shape.array() != nullptr)
        for (const Value& dim : *output_shape.array())
            dims.push_back(dim.integer() == nullptr ? Shape::unknown : *dim.integer());
    return dims;
}

// EinsumDense shows `output_shape` as it was stated, unknown dimensions included, behind the batch axis. Axes under a
// leading ellipsis come between them, last one first; those under a trailing ellipsis behind them.
std::optional<Shape> einsum_shape(const LayerSpec& layer, const Shape& in) {
    const Value* equation = layer.config.find("equation");
    const Value* stated = layer.config.find("output_shape");
    if (equation == nullptr || equation->string() == nullptr || stated == nullptr || in.rank() == 0)
        return std::nullopt;
    const std::string inputs = equation->string()->substr(0, equation->string()->find(','));
    const auto labels =
        static_cast<std::size_t>(std::ranges::count_if(inputs, [](char c) { return c != '.' && c != ' '; }));
    const std::size_t elided = in.rank() - std::min(labels, in.rank());
    std::vector<std::int64_t> dims = stated_dims(*stated);
    dims.insert(dims.begin(), in.front());
    if (inputs.starts_with('.'))
        for (std::size_t i = 1; i < elided; ++i) dims.insert(dims.begin() + 1, in[i]);
    else dims.insert(dims.end(), in.end() - static_cast<std::ptrdiff_t>(elided), in.end());
    return Shape(dims);
}

// RandomCrop shows the size it crops to in training; at inference Keras 3 leaves images alone.
void show_cropped(const LayerSpec& layer, std::optional<Shape>& shape) {
    const Value* height = layer.config.find("height");
    const Value* width = layer.config.find("width");
    const Value* format = layer.config.find("data_format");
    if (!shape || shape->rank() != 4 || height == nullptr || width == nullptr || !height->integer() ||
        !width->integer())
        return;
    const std::size_t first = format != nullptr && *format == Value("channels_first") ? 2 : 1;
    shape = shape->with(first, *height->integer()).with(first + 1, *width->integer());
}

}  // namespace

OutputShapes keras3_shapes(const LayerSpec& layer, const OutputShapes& inputs, OutputShapes outputs) {
    if (layer.class_name == "EinsumDense" && outputs.size() == 1 && !inputs.empty() && inputs[0] && outputs[0])
        if (const std::optional<Shape> shown = einsum_shape(layer, *inputs[0])) return {shown};
    if (layer.class_name == "RandomCrop" && outputs.size() == 1) show_cropped(layer, outputs[0]);
    if (halves_last_axis(layer)) double_last_axis(outputs);
    return outputs;
}

}  // namespace layerctl::summary
