// numpy's .npy and .npz (numpy.lib.format; formats.md 8).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "formats/output_file.hpp"
#include "models/tensor.hpp"

namespace layerctl::formats {

/// One array. Any byte order and Fortran order are accepted; fixed-length byte strings and unicode become strings.
/// Pickled objects, structured, complex and datetime types are refused by name.
Tensor read_npy(std::span<const std::byte> bytes);
Tensor read_npy(const std::filesystem::path& path);

/// Version 1.0, little-endian, C order. bfloat16 is written as float32; strings as fixed-length bytes.
std::string write_npy(const Tensor& tensor);
void write_npy(const Tensor& tensor, OutputFile& file, std::uint64_t begin);

using NamedArrays = std::vector<std::pair<std::string, Tensor>>;

/// The members of an .npz in the archive's order, names without ".npy".
NamedArrays read_npz(std::span<const std::byte> bytes);
NamedArrays read_npz(const std::filesystem::path& path);

/// An archive of .npy members, uncompressed as numpy.savez writes it.
void write_npz(const NamedArrays& arrays, OutputFile& file);

}  // namespace layerctl::formats
