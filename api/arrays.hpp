// numpy files as tensors: what goes into a model and what comes out of it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "layerctl.hpp"

namespace layerctl {

/// The arrays of an .npz with their member names, or the one array of an .npy without a name. The bytes decide, not the
/// file's name. Anything else: Code::format.
std::vector<NamedTensor> load_arrays(const std::filesystem::path& path);
std::vector<NamedTensor> load_arrays(std::span<const std::byte> bytes);

/// The bytes of an .npy, and of an .npz with one member per tensor.
std::string npy_bytes(const Tensor& tensor);
std::string npz_bytes(const std::vector<NamedTensor>& tensors);

}  // namespace layerctl
