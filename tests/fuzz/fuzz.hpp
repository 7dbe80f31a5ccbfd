// What the fuzz targets share: reading a file to its end, where nothing but an Error may leave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string_view>

#include "models/contents.hpp"
#include "models/model_spec.hpp"

namespace layerctl::fuzz {

using Bytes = std::span<const std::byte>;

inline Bytes bytes_of(const std::uint8_t* data, std::size_t size) { return std::as_bytes(std::span(data, size)); }
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Runs `action`. Any Error is an answer but Code::internal, which is a broken promise; so is any other exception.
template <class Action>
void expect_answer(Action&& action) {
    try {
        action();
    } catch (const Error& error) {
        if (error.code() == Code::internal) throw;
    }
}

/// Arrays larger than this are described only, so that a run stays short.
inline constexpr std::size_t most_bytes = 1UL << 22;

inline void read_all(const std::vector<StoredWeight>& weights) {
    for (const StoredWeight& weight : weights)
        if (weight.shape.elements() < static_cast<std::int64_t>(most_bytes)) expect_answer([&] { weight.read(); });
}

inline void read_all(const ModelSpec& model) {
    for (const WeightGroup& group : model.weights.groups) read_all(group.weights);
    read_all(model.weights.top_level);
}

inline void read_all(const Contents& contents) {
    for (const Part& part : contents.parts) {
        if (part.size > most_bytes) continue;
        if (part.read) expect_answer([&] { part.read(); });
        if (part.text) expect_answer([&] { part.text(); });
    }
}

}  // namespace layerctl::fuzz
