#include "formats/savedmodel/table.hpp"

#include <array>

#include "formats/bytes.hpp"
#include "models/error.hpp"
#include "models/limits.hpp"
#include "models/protobuf.hpp"

namespace layerctl::formats {
namespace {

constexpr std::size_t footer_bytes = 48;
constexpr std::size_t trailer_bytes = 5;  // behind each block: its kind and its checksum
constexpr std::uint64_t magic = 0xdb4775248b80fb57;

constexpr std::array<std::uint32_t, 256> crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
        table[i] = crc;
    }
    return table;
}

/// Where a block lies.
struct Handle {
    std::uint64_t offset, size;
};

Handle take_handle(std::string_view& bytes) {
    const std::uint64_t offset = ProtobufReader::varint(bytes);
    return {offset, ProtobufReader::varint(bytes)};
}

std::string_view block_at(std::string_view file, const Handle& handle) {
    if (handle.offset > file.size() || handle.size > file.size() - handle.offset ||
        file.size() - handle.offset - handle.size < trailer_bytes)
        fail(Code::format, "a block of ", handle.size, " bytes at ", handle.offset, " in a file of ", file.size());
    const std::string_view block = file.substr(handle.offset, handle.size);
    const std::string_view trailer = file.substr(handle.offset + handle.size, trailer_bytes);
    const std::uint64_t wanted = little_endian(trailer.substr(1));
    if (masked_crc32c(file.substr(handle.offset, handle.size + 1)) != wanted)
        fail(Code::format, "the block at ", handle.offset, " is damaged: wrong checksum");
    if (trailer[0] != 0) fail(Code::unsupported, "the block at ", handle.offset, " is compressed");
    return block;
}

/// Calls `visit(key, value)` for each entry: a key is what it shares with the one before and the rest.
template <class Visit>
void for_each_entry(std::string_view block, const Visit& visit) {
    if (block.size() < 4) fail(Code::format, "a block of ", block.size(), " bytes");
    const std::uint64_t restarts = little_endian(block.substr(block.size() - 4));
    if (restarts > (block.size() - 4) / 4) fail(Code::format, "a block with ", restarts, " restarts");
    std::string_view rest = block.substr(0, block.size() - 4 - 4 * restarts);
    std::string key;
    while (!rest.empty()) {
        const std::uint64_t shared = ProtobufReader::varint(rest);
        const std::uint64_t own = ProtobufReader::varint(rest);
        const std::uint64_t value = ProtobufReader::varint(rest);
        if (shared > key.size() || own > rest.size() || value > rest.size() - own)
            fail(Code::format, "an entry that does not end in its block");
        key.resize(shared);
        key += rest.substr(0, own);
        visit(key, rest.substr(own, value));
        rest.remove_prefix(own + value);
    }
}

}  // namespace

std::uint32_t masked_crc32c(std::string_view bytes) {
    static constexpr std::array<std::uint32_t, 256> table = crc_table();
    std::uint32_t crc = 0xffffffffU;
    for (const char c : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xffU];
    crc = ~crc;
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

std::map<std::string, std::string> read_table(std::string_view bytes) {
    if (bytes.size() < footer_bytes) fail(Code::format, "an index of ", bytes.size(), " bytes");
    std::string_view footer = bytes.substr(bytes.size() - footer_bytes);
    if (little_endian(footer.substr(footer_bytes - 8)) != magic)
        fail(Code::format, "not an index of a checkpoint: it does not end as one");
    take_handle(footer);  // of blocks of statistics
    std::map<std::string, std::string> entries;
    std::size_t total = 0;  // blocks may be listed twice
    for_each_entry(block_at(bytes, take_handle(footer)), [&](const std::string&, std::string_view handle) {
        for_each_entry(block_at(bytes, take_handle(handle)), [&](const std::string& key, std::string_view value) {
            total += key.size() + value.size();
            if (entries.size() >= limits::attribute_items || total > limits::attribute_bytes)
                fail(Code::refused, "an index of more than ", limits::attribute_items, " arrays");
            if (!entries.empty() && key <= entries.rbegin()->first)
                fail(Code::format, "key '", key, "' is out of order");
            entries.emplace_hint(entries.end(), key, value);
        });
    });
    return entries;
}

}  // namespace layerctl::formats
