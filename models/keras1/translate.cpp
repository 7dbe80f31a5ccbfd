#include <algorithm>
#include <functional>
#include <optional>

#include "models/keras1/keras1.hpp"

namespace layerctl::keras1 {
namespace {

/// A name then and now; no new one: without meaning for a result today.
struct Renamed {
    std::string_view then, now;
};

constexpr Renamed classes[] = {
    {"AtrousConvolution1D", "Conv1D"},
    {"AtrousConvolution2D", "Conv2D"},
    {"Convolution1D", "Conv1D"},
    {"Convolution2D", "Conv2D"},
    {"Convolution3D", "Conv3D"},
    {"Deconvolution2D", "Conv2DTranspose"},
    {"SeparableConvolution2D", "SeparableConv2D"},
    {"TimeDistributedDense", "Dense"},
};

constexpr std::string_view same_classes[] = {
    "Activation",
    "ActivityRegularization",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "BatchNormalization",
    "Bidirectional",
    "ConvLSTM2D",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "Dense",
    "Dropout",
    "ELU",
    "Embedding",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GRU",
    "InputLayer",
    "LeakyReLU",
    "LocallyConnected1D",
    "LocallyConnected2D",
    "LSTM",
    "Masking",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "Permute",
    "PReLU",
    "RepeatVector",
    "Reshape",
    "SimpleRNN",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "ThresholdedReLU",
    "TimeDistributed",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
};

constexpr Renamed keys[] = {
    {"atrous_rate", "dilation_rate"},
    {"b_constraint", "bias_constraint"},
    {"b_regularizer", "bias_regularizer"},
    {"beta_init", "beta_initializer"},
    {"bias", "use_bias"},
    {"border_mode", "padding"},
    {"consume_less", ""},
    {"dim_ordering", "data_format"},
    {"dropout_U", "recurrent_dropout"},
    {"dropout_W", "dropout"},
    {"filter_length", "kernel_size"},
    {"forget_bias_init", "unit_forget_bias"},
    {"gamma_init", "gamma_initializer"},
    {"init", "kernel_initializer"},
    {"inner_activation", "recurrent_activation"},
    {"inner_init", "recurrent_initializer"},
    {"input_dim", ""},
    {"input_length", ""},
    {"length", "size"},
    {"nb_filter", "filters"},
    {"output_dim", "units"},
    {"p", "rate"},
    {"pool_length", "pool_size"},
    {"sigma", "stddev"},
    {"stride", "strides"},
    {"subsample", "strides"},
    {"subsample_length", "strides"},
    {"U_regularizer", "recurrent_regularizer"},
    {"W_constraint", "kernel_constraint"},
    {"W_regularizer", "kernel_regularizer"},
};

/// Keys that mean something else in one class.
struct OwnKey {
    std::string_view class_name, then, now;
};
constexpr OwnKey own_keys[] = {
    {"Embedding", "dropout", ""},
    {"Embedding", "init", "embeddings_initializer"},
    {"Embedding", "input_dim", "input_dim"},
    {"Embedding", "input_length", "input_length"},
    {"Embedding", "output_dim", "output_dim"},
    {"Embedding", "W_constraint", "embeddings_constraint"},
    {"Embedding", "W_regularizer", "embeddings_regularizer"},
    {"InputLayer", "input_dtype", "dtype"},
    {"PReLU", "init", "alpha_initializer"},
    {"SeparableConvolution2D", "init", "depthwise_initializer"},
};

constexpr Renamed data_formats[] = {{"tf", "channels_last"}, {"th", "channels_first"}};

/// Layers over images that leave their order of axes unsaid.
constexpr std::string_view silent_classes[] = {
    "Cropping2D", "Cropping3D", "UpSampling2D", "UpSampling3D", "ZeroPadding2D", "ZeroPadding3D",
};

template <std::size_t n>
bool contains(const std::string_view (&names)[n], std::string_view name) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

template <std::size_t n>
const Renamed* find(const Renamed (&table)[n], std::string_view then) {
    const auto found =
        std::find_if(std::begin(table), std::end(table), [&](const Renamed& r) { return r.then == then; });
    return found == std::end(table) ? nullptr : found;
}

std::string_view key_now(std::string_view class_name, std::string_view then) {
    for (const OwnKey& own : own_keys)
        if (own.class_name == class_name && own.then == then) return own.now;
    const Renamed* renamed = find(keys, then);
    return renamed == nullptr ? then : renamed->now;
}

Value data_format(const Value& dim_ordering) {
    const Renamed* format = dim_ordering.string() == nullptr ? nullptr : find(data_formats, *dim_ordering.string());
    return format == nullptr ? dim_ordering : Value(std::string(format->now));
}

Value value_now(const std::string& then, const Value& value, const std::string& dim_ordering) {
    if (then == "dim_ordering") return data_format(value);
    if (then == "forget_bias_init") return value == Value("one");
    if (then == "layer") return translated(value, dim_ordering);
    if (then.ends_with("_regularizer") || then.ends_with("_constraint")) return translated_object(value);
    return value;
}

/// Takes `names` out of `config` and puts them in as the list `now`.
void join(Value& config, std::initializer_list<const char*> names, const char* now) {
    Value::Array sizes;
    for (const char* name : names)
        if (const Value* size = config.find(name)) sizes.push_back(*size);
    if (sizes.size() != names.size()) return;
    std::erase_if(*config.object(), [&](const auto& member) {
        return std::find(names.begin(), names.end(), member.first) != names.end();
    });
    config.set(now, std::move(sizes));
}

void join_kernel_size(Value& config) {
    join(config, {"nb_row", "nb_col"}, "kernel_size");
    join(config, {"kernel_dim1", "kernel_dim2", "kernel_dim3"}, "kernel_size");
}

void drop(Value& config, const char* key) {
    std::erase_if(*config.object(), [&](const auto& member) { return member.first == key; });
}

/// Mode 1 normalizes every row, mode 2 by the statistics of the very batch: Keras 2 knows neither.
void batch_normalization(Value& config) {
    if (const Value* mode = config.find("mode"); mode != nullptr && *mode == Value(0)) drop(config, "mode");
}

std::int64_t integer_or_0(const Value& object, const char* key) {
    const Value* value = object.find(key);
    return value == nullptr || value->integer() == nullptr ? 0 : *value->integer();
}

Value margins(const Value& padding, const char* before, const char* after) {
    return Value::array({integer_or_0(padding, before), integer_or_0(padding, after)});
}

void zero_padding1d(Value& config) {
    const Value* padding = config.find("padding");
    if (padding != nullptr && padding->object() != nullptr)
        config.set("padding", margins(*padding, "left_pad", "right_pad"));
}

/// (top, bottom, left, right), or a dict of them.
void zero_padding2d(Value& config) {
    const Value* padding = config.find("padding");
    if (padding == nullptr) return;
    if (padding->object() != nullptr) {
        config.set("padding", Value::array({margins(*padding, "top_pad", "bottom_pad"),
                                            margins(*padding, "left_pad", "right_pad")}));
    } else if (const Value::Array* sides = padding->array(); sides != nullptr && sides->size() == 4) {
        config.set("padding",
                   Value::array({Value::array({(*sides)[0], (*sides)[1]}), Value::array({(*sides)[2], (*sides)[3]})}));
    }
}

void separable(Value& config) {
    if (const Value* initializer = config.find("depthwise_initializer"))
        config.set("pointwise_initializer", Value(*initializer));
}

/// One axis of a transposed convolution, as Keras 1 was told it and as Keras 2 would work it out.
struct Axis {
    std::int64_t output, kernel, stride;
    bool same;

    std::int64_t input() const { return same ? (output + stride - 1) / stride : (output - kernel + stride) / stride; }
    std::int64_t usual_output() const {
        return input() * stride + (same ? 0 : std::max<std::int64_t>(kernel - stride, 0));
    }
    std::int64_t output_padding() const { return output - (input() - 1) * stride - (same ? kernel % 2 : kernel); }
};

std::optional<Axis> axis_of(const Value& config, const Value::Array& output_shape, std::size_t axis) {
    const bool first = config.find("data_format") != nullptr && *config.find("data_format") == Value("channels_first");
    const bool same = config.find("padding") != nullptr && *config.find("padding") == Value("same");
    const auto item = [&](const char* key) -> const std::int64_t* {
        const Value* list = config.find(key);
        const Value::Array* items = list == nullptr ? nullptr : list->array();
        return items == nullptr || items->size() != 2 ? nullptr : (*items)[axis].integer();
    };
    const std::int64_t* output = output_shape[(first ? 2 : 1) + axis].integer();
    const std::int64_t* kernel = item("kernel_size");
    const std::int64_t* stride = item("strides");
    if (output == nullptr || kernel == nullptr || stride == nullptr || *stride < 1) return std::nullopt;
    return Axis{*output, *kernel, *stride, same};
}

/// Keras 1 was told the output shape, Keras 2 works it out: with an output_padding where several fit.
void deconvolution2d(Value& config) {
    const Value* shape = config.find("output_shape");
    if (shape == nullptr || shape->array() == nullptr || shape->array()->size() != 4) return;
    const std::optional<Axis> rows = axis_of(config, *shape->array(), 0), columns = axis_of(config, *shape->array(), 1);
    if (!rows || !columns) return;
    drop(config, "output_shape");
    if (rows->output != rows->usual_output() || columns->output != columns->usual_output())
        config.set("output_padding", Value::array({rows->output_padding(), columns->output_padding()}));
}

/// What Keras 2 does otherwise unless it is told.
void gru(Value& config) { config.set("reset_after", false); }

struct Adjustment {
    std::string_view class_name;
    void (*apply)(Value& config);
};
constexpr Adjustment adjustments[] = {
    {"BatchNormalization", batch_normalization}, {"Deconvolution2D", deconvolution2d},
    {"GRU", gru},                                {"SeparableConvolution2D", separable},
    {"ZeroPadding1D", zero_padding1d},           {"ZeroPadding2D", zero_padding2d},
};

Value translated_config(const std::string& class_name, const Value& config, const std::string& dim_ordering) {
    Value now = Value::Object{};
    for (const auto& [key, value] : *config.object())
        if (const std::string_view name = key_now(class_name, key); !name.empty())
            now.set(name, value_now(key, value, dim_ordering));
    if (contains(silent_classes, class_name) && now.find("data_format") == nullptr)
        now.set("data_format", data_format(dim_ordering));
    join_kernel_size(now);
    for (const Adjustment& adjustment : adjustments)
        if (adjustment.class_name == class_name) adjustment.apply(now);
    return now;
}

}  // namespace

Value translated(const Value& layer, const std::string& dim_ordering) {
    const Value* class_name = layer.find("class_name");
    const Value* config = layer.find("config");
    if (class_name == nullptr || class_name->string() == nullptr || config == nullptr || config->object() == nullptr)
        return layer;
    const std::string& name = *class_name->string();
    if (name == "Merge") return translated_merge(layer);
    const Renamed* renamed = find(classes, name);
    if (renamed == nullptr && !contains(same_classes, name)) return layer;
    Value now = layer;
    if (renamed != nullptr) now.set("class_name", std::string(renamed->now));
    now.set("config", translated_config(name, *config, dim_ordering));
    return now;
}

namespace {

/// Calls `visit` on the value of every member `key` anywhere inside.
void for_each_member(const Value& value, std::string_view key, const std::function<void(const Value&)>& visit) {
    if (value.array() != nullptr)
        for (const Value& item : *value.array()) for_each_member(item, key, visit);
    if (value.object() == nullptr) return;
    for (const auto& [name, member] : *value.object()) {
        if (name == key) visit(member);
        for_each_member(member, key, visit);
    }
}

}  // namespace

std::string dim_ordering(const Value& model) {
    std::string found = "tf";
    for_each_member(model, "dim_ordering", [&](const Value& value) {
        if (value == Value("th")) found = "th";
    });
    return found;
}

}  // namespace layerctl::keras1
