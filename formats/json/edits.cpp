#include "formats/json/edits.hpp"

#include <algorithm>
#include <utility>

#include "models/error.hpp"

namespace layerctl::formats {

std::string edited(const Config& config, std::vector<Edit> edits) {
    const SourceSpan whole = config.value().span();
    for (Edit& edit : edits) {
        if (edit.at.begin <= whole.begin || edit.at.end >= whole.end)
            fail(Code::internal, "a change to a config that was made in code");
        edit.at = {edit.at.begin - whole.begin, edit.at.end - whole.begin};
    }
    return edited(config.text(), std::move(edits));
}

std::string edited(std::string text, std::vector<Edit> edits) {
    std::stable_sort(edits.begin(), edits.end(), [](const auto& a, const auto& b) { return a.at.begin < b.at.begin; });
    for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit)
        text.replace(edit->at.begin, edit->at.end - edit->at.begin, edit->text);
    return text;
}

}  // namespace layerctl::formats
