// The sorted table that an index of TensorFlow's checkpoints is: LevelDB's format (formats.md 6.3).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace layerctl::formats {

/// Every key and its value. Lengths, order of keys and checksums are checked; a compressed block is Code::unsupported.
std::map<std::string, std::string> read_table(std::string_view bytes);

/// CRC-32C as tables and bundles store it: rotated and moved, so that it is no checksum of what holds it.
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace layerctl::formats
