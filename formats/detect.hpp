// Which kind of file is this? Decided by content alone, before anything is parsed.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "models/error.hpp"

namespace layerctl::formats {

/// The variants layerctl tells apart; each has its own room, or is named in a message.
enum class Variant { h5, json, keras_archive, npz, safetensors, tfjs, saved_model, other };

/// What was found. `description` completes "wanted a Keras model, found …".
struct Detection {
    Variant variant = Variant::other;
    Code code = Code::format;  // how to refuse it, if it is not read: format, or unsupported for formats of Keras
    std::string description;
};

/// Looks at a file or a directory. Code::io if it cannot be read.
Detection detect(const std::filesystem::path& path);

/// The same for a file held in memory.
Detection detect(std::span<const std::byte> bytes);

/// Throws the detection's code: "wanted a Keras model, found a directory".
[[noreturn]] void fail_unreadable(const Detection& detection);

}  // namespace layerctl::formats
