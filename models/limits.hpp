// Limits that bound time and memory on any input. A file beyond one of them is Code::refused.
#pragma once

#include <cstddef>
#include <cstdint>

namespace layerctl::limits {

inline constexpr std::size_t json_depth = 100;               // Keras' own files stay below 20
inline constexpr std::size_t json_bytes = 256UL << 20;       // a config text
inline constexpr std::size_t layers = 1UL << 20;             // layers of a model, nested ones included
inline constexpr std::size_t calls = 1UL << 20;              // layer calls after nested models are unfolded
inline constexpr std::size_t opaque_outputs = 1024;          // outputs of a layer layerctl does not know
inline constexpr std::size_t model_depth = 32;               // models nested in models
inline constexpr std::size_t crosses = 1UL << 24;            // combinations a crossed column makes of one batch
inline constexpr std::size_t object_depth = 100;             // objects in objects of a weights file
inline constexpr std::size_t asset_bytes = 256UL << 20;      // a text file beside the weights
inline constexpr std::size_t attribute_bytes = 256UL << 20;  // one h5 attribute
inline constexpr std::size_t attribute_items = 1UL << 20;    // strings of an h5 attribute list
inline constexpr std::size_t expression_bytes = 1UL << 16;   // one expression of a custom object
inline constexpr std::size_t expression_depth = 200;         // brackets, conditions and signs in each other
inline constexpr std::size_t expression_nodes = 1UL << 17;   // of a custom object, those it calls written out
inline constexpr std::size_t sequence_items = 1UL << 16;     // of a Python tuple, list or text made by an expression
inline constexpr std::size_t bytecode_bytes = 1UL << 16;     // the compiled function of a Lambda layer
inline constexpr std::size_t bytecode_depth = 64;            // objects in objects of it
inline constexpr std::size_t bytecode_objects = 200'000;     // of it
inline constexpr std::size_t bytecode_repairs = 1UL << 22;   // bytes read while looking for a damaged size in it
inline constexpr std::int64_t bytecode_stack = 1000;         // values on its stack
inline constexpr std::size_t bytecode_steps = 20'000;        // instructions of it, and steps taken on all its paths
inline constexpr std::size_t bytecode_paths = 64;            // ways through it that shapes decide about
inline constexpr std::size_t bytecode_values = 200'000;      // values made on these ways
inline constexpr std::size_t npy_header_bytes = 1UL << 20;
inline constexpr std::size_t safetensors_header_bytes = 100'000'000;  // the limit of the reference implementation
inline constexpr std::size_t name_pairs = 100'000'000;                // names of arrays times names of weights
inline constexpr std::int64_t tensor_bytes = std::int64_t{1} << 40;  // a declared weight or an activation

/// How many times larger than its stored bytes a compressed dataset or archive member may become.
inline constexpr std::size_t expansion = 1100;  // deflate cannot exceed 1032

/// The same for a member of a model archive that is larger than `plain_member_bytes`: no config or weights come near
/// it.
inline constexpr std::size_t member_expansion = 100;
inline constexpr std::size_t plain_member_bytes = 64UL << 20;

}  // namespace layerctl::limits
