// A folder for one test, gone with all that is in it when the test ends.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "models/error.hpp"

namespace layerctl::test {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "layerctl-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) fail(Code::io, name, ": cannot be made");
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path& path() const { return path_; }

    /// A path of that name where nothing is.
    std::filesystem::path free(const char* name) const {
        std::filesystem::remove_all(path_ / name);
        return path_ / name;
    }

    /// A text that speaks of its files by their names alone.
    std::string without_path(std::string text) const {
        const std::string prefix = path_.string() + '/';
        for (std::size_t at = 0; (at = text.find(prefix, at)) != std::string::npos;) text.erase(at, prefix.size());
        return text;
    }

private:
    std::filesystem::path path_;
};

}  // namespace layerctl::test
