// Operations that Keras or TensorFlow has and the table will not have, with the reason.
#include "engine/ops/table/op.hpp"

namespace layerctl::ops {
namespace {

struct Refusal {
    std::string_view name;  // "random." stands for all that begin so
    std::string_view reason;
};

constexpr std::string_view python = "it calls a Python function, which no file holds";
constexpr std::string_view chance = "it draws random numbers";
constexpr std::string_view hidden_logits =
    "Keras computes it from what lies before a softmax or sigmoid, if one made its input";

constexpr std::string_view complex_result = "it makes complex numbers";
constexpr std::string_view ragged = "it works on ragged or sparse tensors";

constexpr Refusal tf_refusals[] = {
    {"einsum", "Keras 2 records the equation without the tensors, so the file does not say what is multiplied"},
    {"meshgrid", "Keras 2 records the first tensor without the others"},
    {"case", python},
    {"dtypes.complex", complex_result},
    {"linalg.eig", complex_result},
    {"linalg.eigvals", complex_result},
    {"ragged.", ragged},
    {"signal.fft", complex_result},
    {"signal.fft2d", complex_result},
    {"signal.fft3d", complex_result},
    {"signal.ifft", complex_result},
    {"signal.rfft", complex_result},
    {"signal.stft", complex_result},
    {"sparse.", ragged},
    {"cond", python},
    {"foldl", python},
    {"foldr", python},
    {"map_fn", python},
    {"numpy_function", python},
    {"py_function", python},
    {"scan", python},
    {"switch_case", python},
    {"vectorized_map", python},
    {"while_loop", python},
    {"image.random_", chance},
    {"nn.dropout", chance},
    {"random.", chance},
    {"compat.v1.random.", chance},
    {"compat.v1.random_", chance},
};

constexpr Refusal keras3_refusals[] = {
    {"AssociativeScan", python},
    {"BinaryCrossentropy", hidden_logits},
    {"CategoricalCrossentropy", hidden_logits},
    {"Cond", python},
    {"Eig", complex_result},
    {"ConvTranspose", "Keras cannot run it: it hands on the padding as the output_padding and the reverse"},
    {"ElasticTransform", chance},
    {"ForiLoop", python},
    {"JVP", python},
    {"Map", python},
    {"Ndim", "its result is no tensor"},
    {"Polar", complex_result},
    {"Scan", python},
    {"SparseCategoricalCrossentropy", hidden_logits},
    {"Switch", python},
    {"VectorizedMap", python},
    {"ViewAsComplex", complex_result},
    {"ViewAsReal", "it works on complex numbers"},
    {"WhileLoop", python},
};

template <std::size_t n>
std::string_view reason(const Refusal (&refusals)[n], std::string_view name) {
    for (const Refusal& refusal : refusals) {
        const bool prefix = refusal.name.ends_with('.') || refusal.name.ends_with('_');
        if (refusal.name == name || (prefix && name.starts_with(refusal.name))) return refusal.reason;
    }
    return {};
}

}  // namespace

std::string_view why_not_tf_op(std::string_view function) { return reason(tf_refusals, function); }
std::string_view why_not_keras3_op(std::string_view class_name) { return reason(keras3_refusals, class_name); }

}  // namespace layerctl::ops
