// Small archives for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "formats/zip/stored_archive.hpp"

namespace layerctl::test {

inline std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members) {
    return formats::bytes_of([&](formats::OutputFile& file) {
        formats::StoredArchive archive(file);
        for (const auto& [name, contents] : members) archive.add(name, std::string_view(contents));
        archive.finish();
    });
}

}  // namespace layerctl::test
