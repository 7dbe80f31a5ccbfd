#include "tests/golden/ratchet.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include <nlohmann/json.hpp>

#include "engine/registry.hpp"
#include "models/error.hpp"
#include "models/model_spec.hpp"
#include "tests/golden/case.hpp"

namespace layerctl::golden {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::array promised = {"activation",    "conv",    "core",      "merge",
                                 "normalization", "pooling", "reshaping", "real"};

bool is_promised(const std::string& group) { return std::count(promised.begin(), promised.end(), group) > 0; }

bool is_known_class(const std::string& name) {
    static const std::vector<std::string> known = registered_layers();
    return is_model_class(name) || std::binary_search(known.begin(), known.end(), name);
}

bool all_classes_known(const Result& result) {
    return std::all_of(result.layer_classes.begin(), result.layer_classes.end(), is_known_class);
}

std::size_t count_passing(const std::vector<Result>& results) {
    return static_cast<std::size_t>(std::count_if(results.begin(), results.end(),
                                                  [](const Result& result) { return result.status == Status::pass; }));
}

Json read_json(const fs::path& path) { return fs::exists(path) ? Json::parse(read_text(path)) : Json::object(); }

std::string described(const Result& result) { return result.id() + ": " + result.reason; }

/// A reason that begins with the name of the last check excuses that check alone.
bool excuses(const std::string& reason, const Result& result) {
    constexpr const char* last_check = "summary: ";
    return !reason.starts_with(last_check) || result.reason.starts_with(last_check);
}

/// What excuses a case excuses it through every file.
std::string reason_for(const Result& result, const Expectations& expectations) {
    for (const std::string& id : {result.id(), result.name})
        if (const auto found = expectations.exceptions.find(id); found != expectations.exceptions.end())
            return found->second;
    return "";
}

void judge(const Result& result, const Expectations& expectations, std::vector<std::string>& lines) {
    if (result.status == Status::pass) {
        if (expectations.exceptions.contains(result.id()))
            lines.push_back(result.id() + ": passes, but is listed as an exception");
        return;
    }
    const std::string reason = reason_for(result, expectations);
    if (!reason.empty() && excuses(reason, result)) return;
    if (result.status == Status::fail) lines.push_back(described(result));
    else if (is_promised(result.group) && all_classes_known(result)) lines.push_back(described(result));
}

void find_stale(const std::string& group, const std::vector<Result>& results,
                const std::map<std::string, std::string>& listed, std::vector<std::string>& lines) {
    for (const auto& entry : listed) {
        const std::string& id = entry.first;
        if (id.starts_with(group + '/') &&
            std::none_of(results.begin(), results.end(), [&](const Result& result) { return result.id() == id; }))
            lines.push_back(id + ": is listed as an exception or refusal, but does not exist");
    }
}

}  // namespace

Expectations read_expectations(const fs::path& folder) {
    return {read_json(folder / "expected.json").get<std::map<std::string, std::size_t>>(),
            read_json(folder / "exceptions.json").get<std::map<std::string, std::string>>(),
            read_json(folder / "refused.json").get<std::map<std::string, std::string>>()};
}

void accept(const fs::path& folder, const std::vector<Result>& results) {
    auto passing = read_expectations(folder).passing;
    for (const Result& result : results) passing[result.group] = 0;
    for (const Result& result : results) passing[result.group] += result.status == Status::pass ? 1 : 0;
    std::ofstream(folder / "expected.json") << Json(passing).dump(4) << '\n';
}

std::vector<std::string> violations(const std::string& group, const std::vector<Result>& results,
                                    const Expectations& expectations) {
    std::vector<std::string> lines;
    for (const Result& result : results) judge(result, expectations, lines);
    find_stale(group, results, expectations.exceptions, lines);
    find_stale(group, results, expectations.refusals, lines);
    const auto before = expectations.passing.find(group);
    const std::size_t passing = count_passing(results);
    if (before == expectations.passing.end())
        lines.push_back(cat("expected.json does not know the group '", group, "'; scripts/golden-report --accept"));
    else if (passing < before->second)
        lines.push_back(cat(before->second - passing, " case(s) fewer pass than before: ", passing));
    return lines;
}

}  // namespace layerctl::golden
