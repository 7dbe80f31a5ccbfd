// The kinds of files that contents are read of. Each function adds its parts and faults to `contents`, with `prefix`
// before their paths, and returns what it took the file for.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "formats/bytes.hpp"
#include "formats/h5/file.hpp"
#include "formats/zip/archive.hpp"
#include "models/contents.hpp"

namespace layerctl::formats {

/// A file on disk or in memory.
struct Input {
    std::uint64_t size = 0;
    ReadAt read_at;
    std::function<std::shared_ptr<const h5::File>()> open_h5;
    std::function<std::shared_ptr<const ZipArchive>()> open_zip;

    static Input of(const std::filesystem::path& path);
    static Input of(std::shared_ptr<const std::string> bytes);
};

inline constexpr std::string_view sharded_index = "an index of sharded weights";

std::string h5_contents(const Input& input, const std::string& prefix, Contents& contents);
std::string zip_contents(const Input& input, Contents& contents);
std::string folder_contents(const std::filesystem::path& folder, Contents& contents);
std::string json_contents(const std::string& name, std::string text, Contents& contents);
std::string npy_contents(const std::string& path, const std::function<std::string()>& read, Contents& contents);

/// A part of an archive or folder: what its name promises, looked into.
void member_contents(Part member, const std::function<Input()>& open, Contents& contents);

/// Runs `action`; an Error becomes a fault of the part at `path`.
template <class Action>
void attempt_part(Contents& contents, const std::string& path, Action&& action) {
    try {
        action();
    } catch (const Error& error) {
        for (const Error& problem : error.problems())
            contents.faults.push_back({fault_kind(problem.code()), path, problem.message()});
    }
}

}  // namespace layerctl::formats
