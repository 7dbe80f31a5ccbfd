// Output shapes that Keras 3 shows and that differ from those of the outputs it computes.
#include <algorithm>
#include <array>

#include "api/summary/table.hpp"

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
void show_einsum(const LayerSpec& layer, const Shape& in, OutputShapes& outputs) {
    const Value* equation = layer.config.find("equation");
    const Value* stated = layer.config.find("output_shape");
    if (equation == nullptr || equation->string() == nullptr || stated == nullptr || in.rank() == 0) return;
    const std::string inputs = equation->string()->substr(0, equation->string()->find(','));
    const auto labels =
        static_cast<std::size_t>(std::ranges::count_if(inputs, [](char c) { return c != '.' && c != ' '; }));
    const std::size_t elided = in.rank() - std::min(labels, in.rank());
    std::vector<std::int64_t> dims = stated_dims(*stated);
    dims.insert(dims.begin(), in.front());
    if (inputs.starts_with('.'))
        for (std::size_t i = 1; i < elided; ++i) dims.insert(dims.begin() + 1, in[i]);
    else dims.insert(dims.end(), in.end() - static_cast<std::ptrdiff_t>(elided), in.end());
    outputs = {Shape(dims)};
}

// Attention scores show the length of the query on both axes.
void show_scores(const LayerSpec&, const Shape& query, OutputShapes& outputs) {
    if (outputs.size() == 2 && outputs[1] && outputs[1]->rank() > 1 && query.rank() > 1)
        outputs[1] = Shape{query[0], (*outputs[1])[1], query[1], query[1]};
}

// RandomCrop shows the size it crops to, though at inference it passes images on as they are.
void show_crop(const LayerSpec& layer, const Shape& in, OutputShapes& outputs) {
    const Value *height = layer.config.find("height"), *width = layer.config.find("width");
    if (height == nullptr || width == nullptr || !height->integer() || !width->integer() || in.rank() < 3) return;
    const Value* format = layer.config.find("data_format");
    const bool channels_first = format != nullptr && *format == Value("channels_first");
    const std::size_t axis = in.rank() - (channels_first ? 2 : 3);
    outputs = {in.with(axis, *height->integer()).with(axis + 1, *width->integer())};
}

// Bidirectional takes its backward layer to be as wide as the other one.
void show_both_ways(const LayerSpec& layer, const Shape&, OutputShapes& outputs) {
    const Value* forward = layer.config.find("layer");
    const Value* config = forward == nullptr ? nullptr : forward->find("config");
    const Value* units = config == nullptr ? nullptr : config->find("units");
    const Value* mode = layer.config.find("merge_mode");
    const bool concat = mode == nullptr || *mode == Value("concat");
    if (units != nullptr && units->integer() && concat && outputs[0]->rank() > 1)
        outputs[0] = outputs[0]->with_back(2 * *units->integer());
}

struct StaticShape {
    std::string_view class_name;
    void (*show)(const LayerSpec& layer, const Shape& in, OutputShapes& outputs);
};

constexpr std::array static_shapes = {
    StaticShape{"Bidirectional", show_both_ways}, StaticShape{"EinsumDense", show_einsum},
    StaticShape{"MultiHeadAttention", show_scores}, StaticShape{"RandomCrop", show_crop}};

}  // namespace

bool is_known(const OutputShapes& shapes) {
    return !shapes.empty() && std::ranges::all_of(shapes, [](const auto& shape) { return shape.has_value(); });
}

OutputShapes keras3_shapes(const LayerSpec& layer, const OutputShapes& inputs, OutputShapes outputs) {
    if (inputs.empty() || !inputs[0] || !is_known(outputs)) return outputs;
    if (halves_last_axis(layer)) double_last_axis(outputs);
    for (const StaticShape& row : static_shapes)
        if (row.class_name == layer.class_name) row.show(layer, *inputs[0], outputs);
    return outputs;
}

}  // namespace layerctl::summary
