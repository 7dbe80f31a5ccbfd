// Every registration line in engine reaches the program: a linker drops objects that nothing refers to.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "engine/registry.hpp"

namespace fs = std::filesystem;

namespace {

std::vector<std::string> registration_lines() {
    const std::regex line_form(R"(LAYERCTL_REGISTER_(?:LAYER|ALIAS)\((?:\w+, *)?(\w+)\);.*)");
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(LAYERCTL_SOURCE_DIR "/engine")) {
        std::ifstream file(entry.path());
        std::smatch match;
        for (std::string line; std::getline(file, line);)
            if (std::regex_match(line, match, line_form)) names.push_back(match[1]);
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace

TEST_CASE("the registry holds every layer that a file registers") {
    CHECK(layerctl::registered_layers() == registration_lines());
}
