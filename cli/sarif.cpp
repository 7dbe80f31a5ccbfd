#include "cli/sarif.hpp"

#include <cctype>

#include <nlohmann/json.hpp>

namespace layerctl::cli {
namespace {

Json text(std::string_view words) { return {{"text", words}}; }

/// A path as a relative or absolute URI reference: bytes that may not stand in one are percent-encoded.
std::string uri(const std::string& path) {
    constexpr std::string_view plain = "/-._~", digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || plain.find(c) != std::string_view::npos) out += c;
        else ((out += '%') += digits[byte >> 4U]) += digits[byte & 0xfU];
    }
    return path.starts_with('/') ? "file://" + out : out;
}

Json location(const std::string& file, const std::string& place) {
    Json out = {{"physicalLocation", {{"artifactLocation", {{"uri", uri(file)}}}}}};
    if (!place.empty()) out["logicalLocations"] = Json::array({{{"fullyQualifiedName", place}}});
    return out;
}

Json rules_json() {
    Json list = Json::array();
    for (const Rule& rule : rules())
        list.push_back({{"id", rule.id},
                        {"name", rule.name},
                        {"shortDescription", text(rule.summary)},
                        {"help", text(rule.help)},
                        {"defaultConfiguration", {{"level", severity_name(rule.severity)}}}});
    return list;
}

Json results_json(const std::vector<ValidatedFile>& files) {
    Json list = Json::array();
    for (const ValidatedFile& file : files)
        for (const Finding& finding : file.validation.findings)
            list.push_back({{"ruleId", finding.rule->id},
                            {"ruleIndex", finding.rule - rules().data()},
                            {"level", severity_name(finding.rule->severity)},
                            {"message", text(finding.message)},
                            {"locations", Json::array({location(file.name, finding.place)})}});
    return list;
}

/// What could not be looked at is told as a notification of the tool.
Json notifications_json(const std::vector<ValidatedFile>& files) {
    Json list = Json::array();
    for (const ValidatedFile& file : files)
        for (const Error& problem : file.validation.problems)
            list.push_back({{"level", "error"},
                            {"message", text(problem.what())},
                            {"locations", Json::array({location(file.name, "")})}});
    return list;
}

}  // namespace

Json sarif(const std::vector<ValidatedFile>& files) {
    const Json notifications = notifications_json(files);
    const Json driver = {{"name", "layerctl"}, {"version", LAYERCTL_VERSION}, {"rules", rules_json()}};
    const Json invocation = {{"executionSuccessful", notifications.empty()},
                             {"toolExecutionNotifications", notifications}};
    return {{"$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"},
            {"version", "2.1.0"},
            {"runs", Json::array({{{"tool", {{"driver", driver}}},
                                   {"invocations", Json::array({invocation})},
                                   {"results", results_json(files)}}})}};
}

}  // namespace layerctl::cli
