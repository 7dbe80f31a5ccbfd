#include "api/inspect.hpp"

#include <algorithm>

#include "formats/contents/contents.hpp"
#include "models/suggest.hpp"

namespace layerctl {
namespace {

bool is_at_or_below(std::string_view path, std::string_view place) {
    if (!path.starts_with(place)) return false;
    return path.size() == place.size() || place.ends_with('/') || path[place.size()] == '/' ||
           path[place.size()] == '@';
}

}  // namespace

Contents inspect(const std::filesystem::path& path) {
    return in_context(path.string(), [&] { return formats::read_contents(path); });
}

std::vector<Part> parts_at(const Contents& contents, std::string_view path) {
    for (const std::string& place : {std::string(path), "/" + std::string(path)}) {
        std::vector<Part> found;
        std::copy_if(contents.parts.begin(), contents.parts.end(), std::back_inserter(found),
                     [&](const Part& part) { return is_at_or_below(part.path, place); });
        if (!found.empty()) return found;
    }
    std::vector<std::string> paths;
    for (const Part& part : contents.parts) paths.push_back(part.path);
    fail(Code::usage, "there is no '", path, "' in the file", did_you_mean(std::string(path), paths));
}

BytesByUse bytes_by_use(const Contents& contents) {
    BytesByUse sum;
    for (const Part& part : contents.parts) {
        const bool inside = part.kind == Part::Kind::array || part.kind == Part::Kind::attribute;
        const bool text = part.kind == Part::Kind::member && part.use == Part::Use::config;
        if (!inside && !text) continue;
        const std::uint64_t bytes = text ? part.size : part.stored;
        if (part.use == Part::Use::config) sum.config += bytes;
        if (part.use == Part::Use::weights) sum.weights += bytes;
        if (part.use == Part::Use::optimizer) sum.optimizer += bytes;
    }
    const std::uint64_t known = sum.config + sum.weights + sum.optimizer;
    sum.other = contents.unpacked - std::min(contents.unpacked, known);
    return sum;
}

}  // namespace layerctl
