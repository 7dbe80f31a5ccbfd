// What the corpus must show at least: the rules behind the golden tests.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/golden/harness.hpp"

namespace layerctl::golden {

/// Passing cases per group, and the single cases that may stay behind with the reason why.
struct Expectations {
    std::map<std::string, std::size_t> passing;
    std::map<std::string, std::string> exceptions;  // "group/case" -> reason, whatever the file, or
                                                    // "model.keras/group/case"; "summary: …" excuses the summary alone
    std::map<std::string, std::string> refusals;  // "group/case" or "savedmodel/group/case", read through that file ->
                                                  // what the error must say
};

/// Reads `expected.json`, `exceptions.json` and `refused.json` in that folder.
Expectations read_expectations(const std::filesystem::path& folder);

/// Writes `expected.json`, keeping the groups that are not in `results`.
void accept(const std::filesystem::path& folder, const std::vector<Result>& results);

/// Everything the results of one group do wrong, one line each:
/// - a case fails, whatever its group: a wrong answer is never accepted;
/// - fewer cases pass than did before;
/// - in a group whose layers are all promised, a case is unsupported although every layer class in it is known;
/// - an exception is listed for a case that passes, or an exception or refusal for one that does not exist.
std::vector<std::string> violations(const std::string& group, const std::vector<Result>& results,
                                    const Expectations& expectations);

}  // namespace layerctl::golden
