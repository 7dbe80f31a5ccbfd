// The border to a plug-in: errors, specs, tensors and configs from one side to the other. Nothing that a plug-in
// gives is believed unchecked.
#pragma once

#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/plugin.h"
#include "engine/layer.hpp"

namespace layerctl::plugins {

/// Runs a callback. A code other than LAYERCTL_OK becomes an Error with the text given for it, an exception that leaves
/// the callback Code::internal.
void cross(const char* name, const std::function<int(layerctl_error*)>& callback);

/// The other way: an Error of `action` becomes a code and a text. Never throws.
int answered(layerctl_error* error, const std::function<void()>& action) noexcept;

/// A copy of a struct of the plug-in. One with members that this layerctl does not know, and that say something, is
/// Code::unsupported.
template <class Struct>
Struct taken(const Struct& given, const char* what) {
    constexpr std::size_t sane = 4096;
    if (given.size < sizeof(Struct) || given.size > sane)
        fail(Code::config, what, ": wanted a struct of ", sizeof(Struct), " bytes or more, its size says ", given.size);
    const auto* bytes = reinterpret_cast<const unsigned char*>(&given);
    for (std::size_t i = sizeof(Struct); i < given.size; ++i)
        if (bytes[i] != 0) fail(Code::unsupported, what, " uses what only a newer layerctl knows");
    return given;
}

std::int32_t dtype_code(DType dtype);

/// `same` stands for LAYERCTL_SAME; other numbers that are no dtype are Code::config.
std::optional<DType> dtype_from(std::int32_t code, std::optional<DType> same);

/// Specs for a callback, which point into `shapes`; strings do not cross the border: Code::unsupported.
std::vector<layerctl_spec> specs_of(const Shapes& shapes, const DTypes& dtypes);
std::vector<layerctl_spec> specs_of(Shapes&& shapes, const DTypes& dtypes) = delete;

layerctl_tensor tensor_of(const Tensor& tensor);
layerctl_tensor writable_tensor_of(Tensor& tensor);

}  // namespace layerctl::plugins
