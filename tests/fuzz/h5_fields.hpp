// Changes of HDF5 files. Random bytes rarely get past a signature or a checksum, so half of the mutations set one typed
// field of a structure that is there (HDF5 file format, sections II to IV) and mend the checksum around it.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <vector>

#include "tests/fuzz/fuzz.hpp"

extern "C" std::uint32_t H5_checksum_metadata(const void* bytes, std::size_t size, std::uint32_t start);
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace layerctl::fuzz {

/// Structures begin with four letters, version 1 object headers do not: those are found by the links to them.
struct Structure {
    std::string_view signature;
    std::size_t bytes;  // of fields behind the signature that are worth a change
};

inline constexpr std::array structures = {
    Structure{"\x89HDF", 96}, Structure{"TREE", 160}, Structure{"SNOD", 84},  Structure{"HEAP", 28},
    Structure{"GCOL", 64},    Structure{"OHDR", 300}, Structure{"OCHK", 300}, Structure{"FRHP", 142},
    Structure{"FHDB", 120},   Structure{"BTHD", 34},  Structure{"BTLF", 120}, Structure{"FADB", 80},
};

struct Span {
    std::size_t begin, size;
};

inline std::uint64_t number_at(const std::uint8_t* data, std::size_t size, std::size_t at) {
    std::uint64_t value = 0;
    if (at + 8 <= size) std::memcpy(&value, data + at, 8);
    return value;
}

/// Where fields lie: behind signatures, and in the object headers that symbol table entries point to.
inline std::vector<Span> find_structures(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    std::vector<Span> found;
    for (const Structure& structure : structures)
        for (std::size_t at = text.find(structure.signature); at != std::string_view::npos && found.size() < 4096;
             at = text.find(structure.signature, at + 4))
            found.push_back({at + 4, std::min(structure.bytes, size - at - 4)});
    for (std::size_t at = text.find("SNOD"); at != std::string_view::npos && found.size() < 4096;
         at = text.find("SNOD", at + 4))
        for (std::size_t i = 0; i < 8; ++i) {
            const std::uint64_t header = number_at(data, size, at + 8 + 40 * i + 8);
            if (header > 0 && header + 16 < size) found.push_back({header, std::min<std::size_t>(400, size - header)});
        }
    return found;
}

/// Numbers that fields like least: limits, and the addresses of other structures.
inline std::uint64_t odd_number(std::mt19937& random, const std::vector<Span>& spans, std::uint64_t before,
                                std::size_t size) {
    switch (random() % 8) {
        case 0: return 0;
        case 1: return UINT64_MAX;
        case 2: return std::uint64_t{1} << (random() % 64);
        case 3: return spans[random() % spans.size()].begin - 4;
        case 4: return before + 1;
        case 5: return before - 1;
        case 6: return size - random() % 16;
        default: return random() % 64;
    }
}

/// Object headers of version 2 and their continuations end with a checksum.
inline void mend_checksums(std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    for (std::size_t at = text.find("OHDR"); at != std::string_view::npos && at + 16 < size;
         at = text.find("OHDR", at + 4)) {
        const std::uint8_t flags = data[at + 5];
        std::size_t head = 6 + ((flags & 0x20U) != 0 ? 16U : 0U) + ((flags & 0x10U) != 0 ? 4U : 0U);
        const std::size_t width = std::size_t{1} << (flags & 3U);
        std::uint64_t block = number_at(data, size, at + head);
        if (width < 8) block &= (std::uint64_t{1} << (8 * width)) - 1;
        head += width;
        if (block > size || at + head + block + 4 > size) continue;
        const std::uint32_t sum = H5_checksum_metadata(data + at, head + block, 0);
        std::memcpy(data + at + head + block, &sum, 4);
    }
}

/// What a LLVMFuzzerCustomMutator does for a file of HDF5.
inline std::size_t mutate_h5(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    std::mt19937 random(seed);
    const std::vector<Span> spans = find_structures(data, size);
    if (spans.empty() || random() % 2 == 0) return LLVMFuzzerMutate(data, size, most);
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes) {
        const Span span = spans[random() % spans.size()];
        if (span.size < 8) continue;
        const std::size_t width = std::size_t{1} << (random() % 4), at = span.begin + random() % (span.size - 7);
        const std::uint64_t value = odd_number(random, spans, number_at(data, size, at), size);
        std::memcpy(data + at, &value, width);
    }
    mend_checksums(data, size);
    return size;
}

}  // namespace layerctl::fuzz
