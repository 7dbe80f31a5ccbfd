// Config keys that one Keras has and the other does not, or calls otherwise.
#include "models/dialects/parts.hpp"

namespace layerctl::dialects {
namespace {

/// A key the target does not have, or has without writing it. At these values, JSON separated by blanks, its absence
/// says the same; "*": at any. Others are refused, or stay if the target knows them.
struct Dropped {
    std::string_view classes, key, values;
    bool others_stay = false;
};

constexpr std::string_view transposed = "Conv1DTranspose Conv2DTranspose Conv3DTranspose";
constexpr std::string_view depthwise = "DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D";
constexpr std::string_view spatial_dropout = "SpatialDropout1D SpatialDropout2D SpatialDropout3D";
constexpr std::string_view conv_lstm = "ConvLSTM1D ConvLSTM2D ConvLSTM3D";

constexpr Dropped in_keras3[] = {
    {"", "time_major", "false"},
    {"", "implementation", "*"},
    {"", "batch_input_shape", "*"},
    {"", "input_dtype", "*"},
    {"Embedding", "input_length", "*"},
    {"InputLayer", "ragged", "false"},
    {"RNN", "num_constants", "0 null"},
    {"Attention AdditiveAttention", "causal", "false null"},
    {"BatchNormalization", "renorm", "false"},
    {"BatchNormalization", "renorm_clipping", "*"},
    {"BatchNormalization", "renorm_momentum", "*"},
    {"BatchNormalization", "fused", "*"},
    {"BatchNormalization", "virtual_batch_size", "null"},
    {transposed, "groups", "1"},
    {depthwise, "groups", "1"},
    {depthwise, "kernel_initializer", "*"},
    {depthwise, "kernel_regularizer", "*"},
    {depthwise, "kernel_constraint", "*"},
    {"MultiHeadAttention", "query_shape", "*"},
    {"MultiHeadAttention", "key_shape", "*"},
    {"MultiHeadAttention", "value_shape", "*"},
    {spatial_dropout, "noise_shape", "null"},
    {spatial_dropout, "trainable", "*"},
    {"Discretization HashedCrossing", "trainable", "*"},
};

constexpr Dropped in_keras2[] = {
    {"", "seed_generator", "*"},
    {"", "lora_rank", "null"},
    {"", "lora_alpha", "null"},
    {"", "quantization_config", "null"},
    {"InputLayer", "optional", "false"},
    {"LSTM GRU SimpleRNN LSTMCell GRUCell SimpleRNNCell RNN Attention AdditiveAttention MultiHeadAttention", "seed",
     "*"},
    {conv_lstm, "seed", "*"},
    {"LSTM GRU SimpleRNN RNN", "zero_output_for_mask", "false", true},
    {conv_lstm, "zero_output_for_mask", "false"},
    {"BatchNormalization", "synchronized", "*"},
    {"BatchNormalization", "renorm", "false"},
    {"BatchNormalization", "renorm_clipping", "*"},
    {"BatchNormalization", "renorm_momentum", "*"},
    {"LayerNormalization", "rms_scaling", "false"},
    {"MultiHeadAttention", "use_gate", "false"},
    {"MultiHeadAttention", "sliding_window", "null"},
    {"MultiHeadAttention", "flash_attention", "*"},
    {"Attention AdditiveAttention", "use_causal_mask", "false"},
    {"AlphaDropout", "noise_shape", "null"},
    {"Conv1DTranspose Conv2DTranspose", "output_padding", "null"},
    {"Conv3DTranspose", "dilation_rate", "1 [1,1,1]"},
    {"CenterCrop RandomCrop RandomFlip RandomRotation RandomTranslation RandomZoom RandomContrast RandomBrightness "
     "Resizing ZeroPadding1D",
     "data_format", "null \"channels_last\""},
    {"RandomContrast", "value_range", "*"},
    {"Resizing", "antialias", "false"},
    {"Resizing", "pad_to_aspect_ratio", "false"},
    {"Resizing", "fill_mode", "*"},
    {"Resizing", "fill_value", "*"},
    {"IntegerLookup StringLookup", "oov_method", "\"floormod\""},
    {"IntegerLookup StringLookup", "salt", "null"},
};

/// A key under its two names.
struct Renamed {
    std::string_view classes, keras2, keras3;
};
constexpr Renamed renamed[] = {
    {"InputLayer", "batch_input_shape", "batch_shape"},
    {"LeakyReLU", "alpha", "negative_slope"},
};

/// What a missing key of Keras 2 means, where Keras 3 would take it otherwise.
struct Default {
    std::string_view classes, key;
    bool value;
};
constexpr Default defaults_of_keras2[] = {{"GRU GRUCell", "reset_after", false}};

std::string compact(const Value& value) {
    std::string text;
    for (const char c : to_json(value))
        if (c != ' ') text += c;
    return text;
}

/// Whether the key goes.
bool drops(const Dropped& row, const Value& held, const Task& task) {
    if (row.values == "*" || is_one_of(compact(held), row.values)) return true;
    if (!row.others_stay)
        fail(Code::unsupported, "'", row.key, "': ", task.keras(), " has no such key, found ", excerpt(held));
    return false;
}

Value::Object renamed_keys(const std::string& class_name, const Value& config, const Task& task) {
    Value::Object out;
    for (const auto& [key, value] : *config.object()) {
        std::string name = key;
        for (const Renamed& row : renamed) {
            if (!is_one_of(class_name, row.classes)) continue;
            if (name == (task.to_keras3() ? row.keras2 : row.keras3)) name = task.to_keras3() ? row.keras3 : row.keras2;
        }
        out.emplace_back(name, value);
    }
    return out;
}

template <std::size_t n>
bool is_dropped(const Dropped (&table)[n], const std::string& class_name, const std::string& key, const Value& value,
                const Task& task) {
    for (const Dropped& row : table)
        if (row.key == key && is_one_of(class_name, row.classes)) return drops(row, value, task);
    return false;
}

/// BatchNormalization of Keras 3 takes one axis, which Keras 2 writes as a list.
void unpack_axis(Value& config) {
    const Value* axis = config.find("axis");
    if (axis == nullptr || axis->array() == nullptr) return;
    if (axis->array()->size() != 1)
        fail(Code::unsupported, "'axis': Keras 3 normalizes one axis, found ", excerpt(*axis));
    config.set("axis", Value(axis->array()->front()));
}

/// What Keras 2 wants to be told otherwise, or not twice.
void complete_keras2(const std::string& class_name, Value& config) {
    if (class_name == "MultiHeadAttention")  // no shapes: the layer is built when it is called
        for (const char* key : {"query_shape", "key_shape", "value_shape"}) config.set(key, nullptr);
    if (is_one_of(class_name, "StringLookup TextVectorization")) config.set("dtype", "string");
    if (class_name == "IntegerLookup") config.set("dtype", "int64");
    const Value* boundaries = config.find("bin_boundaries");
    if (boundaries != nullptr && !boundaries->is_null()) config.set("num_bins", nullptr);
}

}  // namespace

void translate_keys(const std::string& class_name, Value& config, const Task& task) {
    Value::Object kept;
    for (auto& [key, value] : renamed_keys(class_name, config, task)) {
        const bool gone = task.to_keras3() ? is_dropped(in_keras3, class_name, key, value, task)
                                           : is_dropped(in_keras2, class_name, key, value, task);
        if (!gone) kept.emplace_back(key, std::move(value));
    }
    config = Value(std::move(kept));
    if (!task.to_keras3()) return complete_keras2(class_name, config);
    for (const Default& row : defaults_of_keras2)
        if (is_one_of(class_name, row.classes) && config.find(row.key) == nullptr) config.set(row.key, row.value);
    if (class_name == "BatchNormalization") unpack_axis(config);
}

}  // namespace layerctl::dialects
