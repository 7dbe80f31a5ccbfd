// JSON files: an architecture, or the index of sharded weights.
#include "formats/contents/parts.hpp"
#include "formats/json/text.hpp"

namespace layerctl::formats {
namespace {

std::string look_at(const Value& document, Contents& contents) {
    contents.keras_version = document.string_at("keras_version");
    contents.backend = document.string_at("backend");
    if (document.find("weight_map") != nullptr) return std::string(sharded_index);
    if (document.find("class_name") != nullptr && document.find("config") != nullptr) return "an architecture (.json)";
    return "JSON that is no architecture";
}

}  // namespace

std::string json_contents(const std::string& name, std::string text, Contents& contents) {
    const auto kept = std::make_shared<const std::string>(std::move(text));
    Part part{.path = name, .kind = Part::Kind::member, .use = Part::Use::config, .type = {}};
    part.stored = part.size = kept->size();
    part.text = [kept] { return *kept; };
    contents.parts.push_back(std::move(part));
    std::string variant = "damaged JSON";
    attempt_part(contents, name, [&] { variant = look_at(parse_json(*kept).value(), contents); });
    return variant;
}

}  // namespace layerctl::formats
