// The files of a .keras model, in an archive or in a folder. Nothing of an archive is ever unpacked to disk.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "formats/h5/file.hpp"

namespace layerctl::formats {

class KerasParts {
public:
    /// An archive or a folder.
    static std::unique_ptr<KerasParts> open(const std::filesystem::path& path);

    /// An archive in memory, which must outlive this.
    static std::unique_ptr<KerasParts> open(std::span<const std::byte> bytes);

    virtual ~KerasParts() = default;

    /// Names relative to the place of config.json, sorted.
    virtual std::vector<std::string> names() const = 0;

    /// The contents of one of them; more than `limit` bytes are Code::refused.
    virtual std::string read(const std::string& name, std::size_t limit) const = 0;

    virtual std::shared_ptr<const h5::File> open_h5(const std::string& name) const = 0;
};

}  // namespace layerctl::formats
