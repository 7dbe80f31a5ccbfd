#include "formats/json/edits.hpp"

#include <algorithm>

#include "models/error.hpp"

namespace layerctl::formats {

std::string edited(const Config& config, std::vector<Edit> edits) {
    std::string text = config.text();
    const SourceSpan whole = config.value().span();
    std::stable_sort(edits.begin(), edits.end(), [](const auto& a, const auto& b) { return a.at.begin < b.at.begin; });
    for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
        if (edit->at.begin <= whole.begin || edit->at.end >= whole.end)
            fail(Code::internal, "a change to a config that was made in code");
        text.replace(edit->at.begin - whole.begin, edit->at.end - edit->at.begin, edit->text);
    }
    return text;
}

}  // namespace layerctl::formats
