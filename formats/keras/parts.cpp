#include "formats/keras/parts.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "formats/bytes.hpp"
#include "formats/keras/members.hpp"
#include "formats/zip/archive.hpp"
#include "formats/zip/directory.hpp"
#include "models/error.hpp"
#include "models/limits.hpp"

namespace layerctl::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view config_name = config_member;

void check_size(const std::string& name, std::uint64_t size, std::size_t limit) {
    if (size > limit) fail(Code::refused, "'", name, "' has ", size, " bytes, more than the limit of ", limit);
}

class Archive final : public KerasParts {
public:
    /// `path` is empty for an archive in memory.
    explicit Archive(ZipArchive archive, fs::path path = {}) : archive_(std::move(archive)), path_(std::move(path)) {
        const std::vector<std::string>& all = archive_.names();
        for (const std::string& name : all)
            if (leads_outside(name)) fail(Code::refused, "zip member '", name, "' has a path outside the archive");
        const std::string folder = folder_of_config(all);
        for (std::size_t i = 0; i < all.size(); ++i)
            if (all[i].starts_with(folder) && !all[i].ends_with('/')) members_.emplace(all[i].substr(folder.size()), i);
    }

    std::vector<std::string> names() const override {
        std::vector<std::string> all;
        for (const auto& member : members_) all.push_back(member.first);
        return all;
    }

    std::string read(const std::string& name, std::size_t limit) const override {
        const std::size_t index = members_.at(name);
        check_size(name, archive_.size(index), limit);
        return archive_.read(index, ZipArchive::Expansion::of_model);
    }

    std::shared_ptr<const h5::File> open_h5(const std::string& name) const override {
        const std::size_t index = members_.at(name);
        const auto place = path_.empty() ? std::nullopt : place_of(archive_.names()[index]);
        if (!place) return h5::File::open(as_bytes(read(name, limits::tensor_bytes)));
        archive_.check(index, ZipArchive::Expansion::of_model);
        return h5::File::open(path_, place->end - place->stored, place->stored);
    }

private:
    /// A member as it lies in the file, if it is not compressed.
    std::optional<ZipEntry> place_of(const std::string& name) const {
        const auto directory = read_zip_directory(fs::file_size(path_), reader_of(path_));
        if (!directory) return std::nullopt;
        for (const ZipEntry& entry : directory->entries)
            if (entry.name == name && entry.method == 0 && entry.size == entry.stored && entry.stored <= entry.end)
                return entry;
        return std::nullopt;
    }

    /// "", or the one folder everything lies in: "model/".
    static std::string folder_of_config(const std::vector<std::string>& names) {
        const auto is_config = [](const std::string& name) {
            return name == config_name || name.ends_with("/" + std::string(config_name));
        };
        const auto shorter = [](const std::string& a, const std::string& b) { return a.size() < b.size(); };
        std::vector<std::string> found;
        std::copy_if(names.begin(), names.end(), std::back_inserter(found), is_config);
        if (found.empty()) fail(Code::format, "zip archive without ", config_name);
        const std::string nearest = *std::min_element(found.begin(), found.end(), shorter);
        return nearest.substr(0, nearest.size() - config_name.size());
    }

    ZipArchive archive_;
    fs::path path_;
    std::map<std::string, std::size_t> members_;
};

class Folder final : public KerasParts {
public:
    explicit Folder(fs::path path) : path_(std::move(path)) {}

    std::vector<std::string> names() const override {
        std::vector<std::string> all;
        std::error_code error;
        for (auto entry = fs::recursive_directory_iterator(path_, error); !error && entry != fs::end(entry);
             entry.increment(error)) {
            if (all.size() > limits::attribute_items || entry.depth() > static_cast<int>(limits::object_depth))
                fail(Code::refused, "a folder with more than ", limits::attribute_items, " files");
            if (!entry->is_directory()) all.push_back(entry->path().lexically_relative(path_).generic_string());
        }
        if (error) fail(Code::io, "cannot look into the folder: ", error.message());
        std::sort(all.begin(), all.end());
        return all;
    }

    std::string read(const std::string& name, std::size_t limit) const override {
        const fs::path file = regular(name);
        check_size(name, fs::file_size(file), limit);
        return read_file(file);
    }

    std::shared_ptr<const h5::File> open_h5(const std::string& name) const override {
        return h5::File::open(regular(name));
    }

private:
    /// A link could lead anywhere.
    fs::path regular(const std::string& name) const {
        const fs::path file = path_ / name;
        if (!fs::is_regular_file(fs::symlink_status(file))) fail(Code::refused, "'", name, "' is no regular file");
        return file;
    }

    fs::path path_;
};

}  // namespace

std::unique_ptr<KerasParts> KerasParts::open(const fs::path& path) {
    if (fs::is_directory(path)) return std::make_unique<Folder>(path);
    return std::make_unique<Archive>(ZipArchive(path), path);
}

std::unique_ptr<KerasParts> KerasParts::open(std::span<const std::byte> bytes) {
    return std::make_unique<Archive>(ZipArchive(bytes));
}

}  // namespace layerctl::formats
