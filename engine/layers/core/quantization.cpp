#include "engine/layers/core/quantization.hpp"

#include <functional>

#include "engine/ops/broadcast.hpp"
#include "engine/ops/table/take.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

const std::string* class_of(const Value& object) {
    const Value* name = object.find("class_name");
    return name == nullptr ? nullptr : name->string();
}

/// Reads the config of a serialized object with `fields(reader)`.
template <class Fields>
void read_object(const Value& object, Dialect dialect, const Fields& fields) {
    const Value* inner = object.find("config");
    const Config config(inner == nullptr ? Value(Value::Object{}) : *inner);
    ConfigReader reader(config, dialect);
    fields(reader);
    reader.finish();
    reader.problems().throw_if_any();
}

void read_abs_max(const Value& object, Dialect dialect, ops::AbsMaxQuantizer& quantizer) {
    if (const std::string* name = class_of(object); name == nullptr || *name != "AbsMaxQuantizer")
        fail(Code::unsupported, "activation_quantizer: wanted an AbsMaxQuantizer, found ", excerpt(object));
    read_object(object, dialect, [&](ConfigReader& reader) {
        std::vector<double> range = {quantizer.low, quantizer.high};
        reader.optional("value_range", range, [](const std::vector<double>& ends) {
            return ends.size() == 2 && ends[0] < 0 && ends[1] > 0 ? nullptr : "a negative and a positive number";
        });
        reader.optional("epsilon", quantizer.epsilon);
        reader.only("output_dtype", "int8");
        reader.only("axis", Value::array({-1}));
        if (range.size() == 2) quantizer.low = range[0], quantizer.high = range[1];
    });
}

}  // namespace

template <>
struct ConfigField<StoredPolicy> {
    static std::string wanted(const StoredPolicy&) { return "a dtype policy"; }
    static bool read(const Value& value, StoredPolicy& out, Dialect) {
        out = {value, dtype_policy(value)};
        return true;
    }
    static Value write(const StoredPolicy& stored) { return stored.source; }
};

template <>
struct ConfigField<QuantizationConfig> {
    static std::string wanted(const QuantizationConfig&) { return "a quantization config or null"; }
    static bool read(const Value& value, QuantizationConfig& out, Dialect dialect) {
        out = {};
        if (value.is_null()) return true;
        const std::string* name = class_of(value);
        if (name == nullptr) return false;
        if (*name != "Int8QuantizationConfig" && *name != "Int4QuantizationConfig" &&
            *name != "Float8QuantizationConfig")
            fail(Code::unsupported, "'", *name, "' is not supported");
        read_object(value, dialect, [&](ConfigReader& reader) {
            Value quantizer;
            reader.optional("activation_quantizer", quantizer);
            reader.ignored("weight_quantizer");  // the weights have been through it
            std::optional<std::int64_t> size;
            reader.optional("block_size", size, [](const std::optional<std::int64_t>& block) {
                return !block || *block == -1 || *block > 0 ? nullptr : "positive, -1 or null";
            });
            if (size.value_or(-1) > 0) out.block_size = size;
            if (!quantizer.is_null()) read_abs_max(quantizer, dialect, out.inputs.emplace());
        });
        out.source = value;
        return true;
    }
    static Value write(const QuantizationConfig& config) { return config.source.value_or(Value()); }
};

void Quantization::config(ConfigIo& io) {
    io.optional("dtype", policy_);
    io.optional("quantization_config", config_);
}

std::optional<std::int64_t> Quantization::block_size() const {
    if (!int4()) return std::nullopt;
    return config_.source ? config_.block_size : policy_.policy.block_size;
}

void Quantization::add_weights(const StoredMatrix& matrix, WeightSpecs& specs) const {
    Shape kept = {matrix.rows, matrix.columns};
    const std::int64_t summed = kept[matrix.summed], lines = kept[1 - matrix.summed];
    if (int4()) kept[matrix.packed] = kept[matrix.packed] / 2 + kept[matrix.packed] % 2;
    specs.push_back({matrix.name, kept, Initializer::zeros(), false, DType::int8});
    if (!block_size()) return specs.push_back({matrix.name + "_scale", {lines}, Initializer::ones(), false});
    const std::int64_t blocks = (summed - 1) / *block_size() + 1;
    const Shape scales = matrix.summed == 0 ? Shape{blocks, lines} : Shape{lines, blocks};
    specs.push_back({matrix.name + "_scale", scales, Initializer::ones(), false});
    specs.push_back({matrix.name + "_zero", scales, Initializer::zeros(), false});
    if (matrix.second) return;
    specs.back().dtype = DType::int8;
    specs.push_back({"g_idx", {summed}, Initializer::zeros(), false, DType::float32});
}

void Quantization::add_float8_weights(WeightSpecs& specs) const {
    for (const std::string of : {"inputs", "kernel", "outputs_grad"}) {
        specs.push_back({of + "_scale", {}, Initializer::ones(), true, DType::float32});
        specs.push_back(
            {of + "_amax_history", {policy_.policy.amax_history_length}, Initializer::zeros(), true, DType::float32});
    }
}

Tensor Quantization::dequantized(const StoredMatrix& matrix, const Weights& w) const {
    return dequantized(matrix, w[matrix.name], w[matrix.name + "_scale"],
                       block_size() ? w[matrix.name + "_zero"] : Tensor(), w);
}

Tensor Quantization::dequantized_rows(const StoredMatrix& matrix, const Weights& w,
                                      const std::vector<std::int64_t>& rows) const {
    const auto picked = [&](const std::string& name) { return ops::take(w[name], 0, rows); };
    StoredMatrix part = matrix;
    part.rows = static_cast<std::int64_t>(rows.size());
    return dequantized(part, picked(matrix.name), picked(matrix.name + "_scale"),
                       block_size() ? picked(matrix.name + "_zero") : Tensor(), w);
}

Tensor Quantization::dequantized(const StoredMatrix& matrix, Tensor numbers, Tensor scale, Tensor zero,
                                 const Weights& w) const {
    if (int4()) numbers = ops::unpack_int4(numbers, matrix.packed, matrix.packed == 0 ? matrix.rows : matrix.columns);
    return ops::dequantize({.numbers = std::move(numbers),
                            .scale = std::move(scale),
                            .zero = std::move(zero),
                            .group = block_size() ? w["g_idx"] : Tensor(),
                            .summed = matrix.summed});
}

Tensor Quantization::inputs(const Tensor& x, const std::vector<std::size_t>& summed, const Weights& w,
                            bool always) const {
    if (float8()) return ops::float8_and_back(x, w["inputs_scale"], policy_.policy.compute);
    if (!integers()) return x;
    if (config_.source)
        return config_.inputs ? ops::integers_and_back(x, summed, *config_.inputs, policy_.policy.compute) : x;
    if (packs_last_axis() && int4() && !always) return x;
    return ops::integers_and_back(x, summed, {}, policy_.policy.compute);
}

Tensor Quantization::float8_kernel(const Weights& w) const {
    return ops::float8_and_back(w["kernel"], w["kernel_scale"], policy_.policy.compute);
}

void Quantization::add_bias(Tensor& y, const Tensor& bias) const {
    const bool rounds = float8() && policy_.policy.compute == DType::float32;
    const Tensor addend = rounds ? bias.cast(DType::bfloat16).cast(y.dtype()) : bias;
    with_float(y.dtype(), [&]<class T>(Type<T>) { ops::binary<T>(y, addend, y, std::plus<T>()); });
}

}  // namespace layerctl
