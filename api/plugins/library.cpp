#include "api/plugins/library.hpp"

#include <dlfcn.h>

#include "api/plugins/border.hpp"
#include "models/error.hpp"

namespace layerctl::plugins {
namespace {

constexpr const char* entry_symbol = "layerctl_plugin_entry";

std::string last_error() {
    const char* text = dlerror();
    return text == nullptr ? "no reason given" : text;
}

/// An absolute path, or the loader would look for a bare name where the system keeps its libraries.
std::shared_ptr<void> open(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) fail(Code::io, "wanted a library, found no such file");
    void* handle = dlopen(std::filesystem::absolute(path).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) fail(Code::format, "wanted a library that can be loaded, found ", last_error());
    return {handle, [](void* opened) { dlclose(opened); }};
}

}  // namespace

std::shared_ptr<const layerctl_plugin> load_library(const std::filesystem::path& path) {
    const std::shared_ptr<void> library = open(path);
    const auto entry = reinterpret_cast<decltype(&layerctl_plugin_entry)>(dlsym(library.get(), entry_symbol));
    if (entry == nullptr) fail(Code::format, "wanted a plug-in, found a library without ", entry_symbol);
    const layerctl_plugin* table = nullptr;
    cross(entry_symbol, [&](layerctl_error*) {
        table = entry();
        return int{LAYERCTL_OK};
    });
    if (table == nullptr) fail(Code::format, entry_symbol, ": wanted a table, found none");
    return {library, table};
}

}  // namespace layerctl::plugins
