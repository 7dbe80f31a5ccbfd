// Folders of files as one input: a tar archive, whose members are changed one at a time.
#pragma once

#include <algorithm>
#include <charconv>
#include <fstream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/fuzz/fuzz.hpp"
#include "tests/temporary_folder.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace layerctl::fuzz {

using Files = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t tar_block = 512;
constexpr std::size_t size_field = 124, size_digits = 11;

inline Files unpacked(std::string_view tar) {
    Files files;
    while (tar.size() >= tar_block && tar.front() != '\0' && files.size() < 16) {
        const std::string_view name = tar.substr(0, tar.substr(0, 100).find('\0'));
        std::size_t size = 0;
        std::from_chars(tar.data() + size_field, tar.data() + size_field + size_digits, size, 8);
        tar.remove_prefix(tar_block);
        size = std::min(size, tar.size());
        if (!name.ends_with('/')) files.emplace_back(name, tar.substr(0, size));
        tar.remove_prefix(std::min(tar.size(), (size + tar_block - 1) / tar_block * tar_block));
    }
    return files;
}

inline std::string packed(const Files& files) {
    std::string tar;
    for (const auto& [name, bytes] : files) {
        std::string header(tar_block, '\0');
        header.replace(0, name.size(), name);
        std::string digits(size_digits, '0');
        for (std::size_t rest = bytes.size(), at = size_digits; rest > 0; rest /= 8)
            digits[--at] = static_cast<char>('0' + rest % 8);
        header.replace(size_field, size_digits, digits);
        tar += header + bytes;
        tar.resize((tar.size() + tar_block - 1) / tar_block * tar_block);
    }
    return tar;
}

/// `bytes` changed by a mutator of libFuzzer's form.
template <class Mutator>
void mutate_bytes(std::string& bytes, Mutator&& mutator) {
    constexpr std::size_t room = 64;
    const std::size_t size = bytes.size();
    bytes.resize(size + room);
    bytes.resize(mutator(reinterpret_cast<std::uint8_t*>(bytes.data()), size, bytes.size()));
}

/// Changes one member: `change(name, bytes)`.
template <class Change>
std::size_t mutate_member(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed, Change&& change) {
    std::mt19937 random(seed);
    Files files = unpacked(text_of(data, size));
    if (files.empty()) return LLVMFuzzerMutate(data, size, most);
    auto& [name, bytes] = files[random() % files.size()];
    change(name, bytes);
    const std::string tar = packed(files);
    if (tar.size() > most) return LLVMFuzzerMutate(data, size, most);
    std::copy(tar.begin(), tar.end(), data);
    return tar.size();
}

/// The members of `tar` that have one of those names, on disk.
class Folder {
public:
    Folder(std::string_view tar, const std::vector<std::string_view>& names) {
        for (const auto& [name, bytes] : unpacked(tar)) {
            if (std::find(names.begin(), names.end(), name) == names.end()) continue;
            const std::filesystem::path file = folder_.path() / name;
            std::filesystem::create_directories(file.parent_path());
            std::ofstream(file, std::ios::binary) << bytes;
        }
    }

    const std::filesystem::path& path() const { return folder_.path(); }

private:
    test::TemporaryFolder folder_;
};

}  // namespace layerctl::fuzz
