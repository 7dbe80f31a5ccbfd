#include "formats/stored_dtypes.hpp"

#include <array>
#include <optional>
#include <string_view>

#include "models/error.hpp"

namespace layerctl::formats {
namespace {

/// Nothing stands for every dtype, or every Keras.
struct Refusal {
    FileKind kind;
    std::optional<DType> dtype;
    std::optional<Dialect> dialect;
    std::string_view reason;
};

constexpr std::string_view legacy_bfloat16 =
    "Keras does not read bfloat16 from legacy h5 files; .keras, .weights.h5 (of Keras 3) and .safetensors hold it";
constexpr std::string_view keras2_bfloat16 =
    "Keras 2 reads bfloat16 from none of its files; Keras 3 does, and .safetensors hold it";

constexpr std::array<Refusal, 9> refusals = {{
    {FileKind::json, {}, {}, "an architecture holds no weights"},
    {FileKind::onnx, {}, {}, "ONNX files hold weights in the dtype they are computed in"},
    {FileKind::h5, DType::bfloat16, {}, legacy_bfloat16},
    {FileKind::legacy_weights, DType::bfloat16, {}, legacy_bfloat16},
    {FileKind::keras_archive, DType::bfloat16, Dialect::keras2, keras2_bfloat16},
    {FileKind::object_weights, DType::bfloat16, Dialect::keras2, keras2_bfloat16},
    {FileKind::npz, DType::bfloat16, {}, ".npz cannot hold bfloat16; .safetensors can"},
    {FileKind::tfjs, DType::bfloat16, {}, "TensorFlow.js holds float32, and float16 that stands for it"},
    {FileKind::tfjs, DType::float64, {}, "TensorFlow.js holds float32, and float16 that stands for it"},
}};

}  // namespace

void require_stored_dtype(FileKind kind, DType dtype, Dialect dialect) {
    for (const Refusal& refusal : refusals)
        if (refusal.kind == kind && refusal.dtype.value_or(dtype) == dtype &&
            refusal.dialect.value_or(dialect) == dialect)
            fail(Code::unsupported, "weights stored as ", dtype, ": ", refusal.reason);
}

}  // namespace layerctl::formats
