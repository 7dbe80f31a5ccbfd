// What is in a file, without loading a model: any of Keras' files, whole or not, numpy's arrays too.
//
//     const layerctl::Contents contents = layerctl::inspect("model.h5");
//     for (const layerctl::Part& part : contents.parts) std::cout << part.path << ' ' << part.size << '\n';
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "models/contents.hpp"

namespace layerctl {

/// The parts of a file and what is wrong with them; no array is read before `Part::read`. A file of another kind is an
/// Error that names it: an HTML page, a git-lfs pointer, a truncated file. A part that cannot be read is a fault.
Contents inspect(const std::filesystem::path& path);

/// The parts at a path or below it; the slash in front may be left out. Code::usage if there are none.
std::vector<Part> parts_at(const Contents& contents, std::string_view path);

/// Bytes by what they are for; their sum is `Contents::unpacked`.
struct BytesByUse {
    std::uint64_t config = 0, weights = 0, optimizer = 0, other = 0;
};
BytesByUse bytes_by_use(const Contents& contents);

/// The SHA-256 of the elements, row-major and little-endian, as 64 hexadecimal digits: the same for the same numbers of
/// one dtype, whatever file they are in. Of strings: each followed by a zero byte.
std::string sha256(const Tensor& tensor);

}  // namespace layerctl
