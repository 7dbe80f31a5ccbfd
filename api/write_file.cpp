#include "api/write_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>

#include "models/error.hpp"

namespace layerctl {
namespace {

namespace fs = std::filesystem;
using formats::OutputFile;

[[noreturn]] void fail_writing() { fail(Code::io, "cannot be written: ", std::strerror(errno)); }

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

/// Where the file system has them, nameless: nothing is left of one if the process is killed.
std::optional<OutputFile> nameless_beside(const fs::path& path) {
    try {
        return OutputFile::nameless(folder_of(path));
    } catch (const Error& error) {
        if (error.code() != Code::unsupported) throw;
        return std::nullopt;
    }
}

/// A new name is on the disk when its folder is. Folders that cannot be opened are left to the system.
void sync_folder(const fs::path& path) {
    const int folder = open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    fsync(folder);
    close(folder);
}

enum class Durability {
    on_disk,
    in_time,  // when the system sees fit
};

void replace_file(const fs::path& path, const formats::FileWriter& write, Durability durability) {
    const fs::path temporary = path.string() + '.' + std::to_string(getpid()) + ".part";
    std::optional<OutputFile> nameless = nameless_beside(path);
    OutputFile file = nameless ? std::move(*nameless) : OutputFile::create(temporary);
    const bool named = !nameless;
    try {
        write(file);
        if (durability == Durability::on_disk) file.sync();
        if (!named) file.name(temporary);
        file.close();
        if (std::rename(temporary.c_str(), path.c_str()) != 0) fail_writing();
    } catch (...) {
        unlink(temporary.c_str());
        throw;
    }
    if (durability == Durability::on_disk) sync_folder(path);
}

void write_device(const fs::path& path, const formats::FileWriter& write) {
    OutputFile bytes = OutputFile::in_memory(), device = OutputFile::device(path);
    write(bytes);
    bytes.read(0, [&](std::string_view piece) { device.write(piece); });
    device.close();
}

void write_file_in(const fs::path& folder, const std::string& name, std::string_view bytes) {
    OutputFile file = OutputFile::create(folder / name);
    file.write(bytes);
    file.sync();
    file.close();
}

void write_whole(const fs::path& path, const formats::FileWriter& write, Durability durability) {
    in_context(path.string(), [&] {
        std::error_code absent;
        const fs::path target = fs::canonical(path, absent);  // a link stays, what it points to is replaced
        if (absent) return replace_file(path, write, durability);
        return fs::is_regular_file(target) ? replace_file(target, write, durability) : write_device(target, write);
    });
}

}  // namespace

void write_file(const fs::path& path, const formats::FileWriter& write) {
    write_whole(path, write, Durability::on_disk);
}

void write_result(const fs::path& path, std::string_view bytes) {
    write_whole(
        path, [&](OutputFile& file) { file.write(bytes); }, Durability::in_time);
}

void write_folder(const fs::path& path, const std::vector<std::pair<std::string, std::string>>& files) {
    in_context(path.string(), [&] {
        const fs::path target = path.has_filename() ? path : path.parent_path();
        const fs::path temporary = target.string() + '.' + std::to_string(getpid()) + ".part";
        if (mkdir(temporary.c_str(), 0777) != 0) fail_writing();
        try {
            for (const auto& [name, bytes] : files) write_file_in(temporary, name, bytes);
            if (std::rename(temporary.c_str(), target.c_str()) != 0) fail_writing();  // replaces an empty folder
        } catch (...) {
            std::error_code ignored;
            fs::remove_all(temporary, ignored);
            throw;
        }
        sync_folder(target);
    });
}

}  // namespace layerctl
