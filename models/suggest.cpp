#include "models/suggest.hpp"

#include <algorithm>
#include <numeric>

#include "models/lower_case.hpp"

namespace layerctl {
namespace {

// Levenshtein distance.
std::size_t edits(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (lower_case(a[i]) == lower_case(b[j]) ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view unknown, const std::vector<std::string>& known) {
    if (unknown.size() > 100) return "";
    const std::string* best = nullptr;
    std::size_t least = unknown.size() / 3 + 1;
    for (const std::string& name : known) {
        const std::size_t distance = edits(unknown, name);
        if (distance < least) {
            least = distance;
            best = &name;
        }
    }
    return best == nullptr ? "" : " (did you mean '" + *best + "'?)";
}

}  // namespace layerctl
