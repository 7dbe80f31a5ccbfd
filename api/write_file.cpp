#include "api/write_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <system_error>

#include "models/error.hpp"

namespace layerctl {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_writing() { fail(Code::io, "cannot be written: ", std::strerror(errno)); }

class OutputFile {
public:
    OutputFile(const fs::path& path, int flags) : descriptor_(open(path.c_str(), flags | O_WRONLY | O_CLOEXEC, 0666)) {
        if (descriptor_ < 0) fail_writing();
    }
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    ~OutputFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    void write(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail_writing();
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    void close() {
        if (::close(std::exchange(descriptor_, -1)) != 0) fail_writing();
    }

private:
    int descriptor_;
};

void replace_file(const fs::path& path, std::string_view bytes) {
    const fs::path temporary = path.string() + '.' + std::to_string(getpid()) + ".part";
    OutputFile file(temporary, O_CREAT | O_EXCL);
    try {
        file.write(bytes);
        file.close();
        if (std::rename(temporary.c_str(), path.c_str()) != 0) fail_writing();
    } catch (...) {
        unlink(temporary.c_str());
        throw;
    }
}

}  // namespace

void write_file(const fs::path& path, std::string_view bytes) {
    in_context(path.string(), [&] {
        std::error_code absent;
        const fs::path target = fs::canonical(path, absent);  // a link stays, what it points to is replaced
        if (absent) return replace_file(path, bytes);
        if (fs::is_regular_file(target)) return replace_file(target, bytes);
        OutputFile device(target, 0);
        device.write(bytes);
        device.close();
    });
}

void write_folder(const fs::path& path, const std::vector<std::pair<std::string, std::string>>& files) {
    in_context(path.string(), [&] {
        const fs::path target = path.has_filename() ? path : path.parent_path();
        const fs::path temporary = target.string() + '.' + std::to_string(getpid()) + ".part";
        if (mkdir(temporary.c_str(), 0777) != 0) fail_writing();
        try {
            for (const auto& [name, bytes] : files) {
                OutputFile file(temporary / name, O_CREAT | O_EXCL);
                file.write(bytes);
                file.close();
            }
            if (std::rename(temporary.c_str(), target.c_str()) != 0) fail_writing();  // replaces an empty folder
        } catch (...) {
            std::error_code ignored;
            fs::remove_all(temporary, ignored);
            throw;
        }
    });
}

}  // namespace layerctl
