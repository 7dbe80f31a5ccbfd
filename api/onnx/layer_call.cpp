#include "api/onnx/layer_call.hpp"

#include <algorithm>

#include "engine/configured_layer.hpp"
#include "engine/graph/graph.hpp"

namespace layerctl::onnx {
namespace {

struct Alias {
    std::string_view name, class_name;
};
constexpr Alias aliases[] = {
    {"AvgPool1D", "AveragePooling1D"},
    {"AvgPool2D", "AveragePooling2D"},
    {"AvgPool3D", "AveragePooling3D"},
    {"Convolution1D", "Conv1D"},
    {"Convolution1DTranspose", "Conv1DTranspose"},
    {"Convolution2D", "Conv2D"},
    {"Convolution2DTranspose", "Conv2DTranspose"},
    {"Convolution3D", "Conv3D"},
    {"Convolution3DTranspose", "Conv3DTranspose"},
    {"GlobalAvgPool1D", "GlobalAveragePooling1D"},
    {"GlobalAvgPool2D", "GlobalAveragePooling2D"},
    {"GlobalAvgPool3D", "GlobalAveragePooling3D"},
    {"GlobalMaxPool1D", "GlobalMaxPooling1D"},
    {"GlobalMaxPool2D", "GlobalMaxPooling2D"},
    {"GlobalMaxPool3D", "GlobalMaxPooling3D"},
    {"GroupQueryAttention", "GroupedQueryAttention"},
    {"MaxPool1D", "MaxPooling1D"},
    {"MaxPool2D", "MaxPooling2D"},
    {"MaxPool3D", "MaxPooling3D"},
    {"SeparableConvolution1D", "SeparableConv1D"},
    {"SeparableConvolution2D", "SeparableConv2D"},
};

struct Family {
    LayerForms (*forms)();
    bool moves_only = false;  // its layers take integers, too, where they do not compute
};
constexpr Family families[] = {
    {activation_forms},    {attention_forms},       {convolutional_forms},        {core_forms, true},
    {merging_forms, true}, {normalization_forms},   {pooling_forms, true},        {preprocessing_forms},
    {recurrent_forms},     {reshaping_forms, true}, {regularization_forms, true},
};

struct Found {
    const Family* family = nullptr;
    const LayerForm* form = nullptr;
};

Found find(std::string_view class_name) {
    for (const Alias& alias : aliases)
        if (alias.name == class_name) class_name = alias.class_name;
    for (const Family& family : families)
        for (const LayerForm& form : family.forms())
            if (form.class_name == class_name) return {&family, &form};
    return {};
}

Settings listed(Layer& layer, void (Layer::*fields)(ConfigIo&)) {
    ConfigWriter writer(Value::Object{}, layer.context().scope());
    (layer.*fields)(writer);
    return {writer.value(), layer.context().scope()};
}

bool any(const Names& masks) {
    return std::any_of(masks.begin(), masks.end(), [](const Name& mask) { return !mask.empty(); });
}

}  // namespace

Settings settings_of(Layer& layer) { return listed(layer, &Layer::config); }
Settings call_settings_of(Layer& layer) { return listed(layer, &Layer::call_config); }

const LayerForm* find_form(std::string_view class_name) { return find(class_name).form; }

std::vector<std::string> expressible_layers() {
    std::vector<std::string> names;
    for (const Family& family : families)
        for (const LayerForm& form : family.forms()) names.emplace_back(form.class_name);
    for (const Alias& alias : aliases)
        if (find_form(alias.class_name) != nullptr) names.emplace_back(alias.name);
    std::sort(names.begin(), names.end());
    return names;
}

Names emit_layer(LayerCall& call) {
    const auto [family, form] = find(call.class_name);
    if (form == nullptr) fail(Code::unsupported, "a layer of this class is not written as ONNX");
    if (form->masks == MaskUse::refused && any(call.masks))
        fail(Code::unsupported, "a mask reaches it, which is not written as ONNX");
    if (!family->moves_only) require_float(call);
    Names y = form->emit(call);
    if (form->masks != MaskUse::own) {
        const bool goes_on = call.layer.supports_masking() && !call.masks.empty();
        call.out_masks.assign(y.size(), goes_on ? call.masks.front() : "");
    }
    call.out_masks.resize(y.size());
    return y;
}

Names emit_wrapped(LayerCall& outer, const Value& wrapped, const Weights& w, const Name& x, const Shape& in) {
    const std::string class_name = *wrapped.find("class_name")->string();
    const std::unique_ptr<Layer> layer =
        configured_layer(class_name, "", Config(*wrapped.find("config")), outer.layer.context());
    if (layer->input_dtype(0, outer.dtype()) != outer.layer.input_dtype(0, outer.dtype()))
        fail(Code::unsupported, "a wrapped layer of another dtype");
    LayerCall call{outer.b,
                   class_name,
                   *layer,
                   w,
                   {x},
                   {""},
                   {in},
                   layer->compute_output_shape({in}),
                   {outer.dtype()},
                   settings_of(*layer),
                   call_settings_of(*layer)};
    return in_context(cat("wrapped layer (", class_name, ")"), [&] {
        Names y = emit_layer(call);
        if (any(call.out_masks)) fail(Code::unsupported, "a mask that it makes is not written as ONNX");
        return y;
    });
}

}  // namespace layerctl::onnx
