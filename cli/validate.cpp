// layerctl validate: what the rules find in files, for people, programs and code scanners.
#include "api/validate.hpp"

#include <algorithm>
#include <iostream>

#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/json.hpp"
#include "cli/report.hpp"
#include "cli/sarif.hpp"

namespace layerctl::cli {
namespace {

Json findings_json(const std::vector<Finding>& findings) {
    Json list = Json::array();
    for (const Finding& finding : findings)
        list.push_back({{"rule", finding.rule->id},
                        {"name", finding.rule->name},
                        {"severity", severity_name(finding.rule->severity)},
                        {"place", finding.place},
                        {"message", finding.message}});
    return list;
}

Json file_json(const ValidatedFile& file) {
    return {{"file", file.name},
            {"findings", findings_json(file.validation.findings)},
            {"problems", problems_json(file.validation.problems)}};
}

void print(const ValidatedFile& file) {
    const Validation& validation = file.validation;
    for (const Finding& finding : validation.findings)
        std::cout << printable(cat(file.name, ": ", severity_name(finding.rule->severity), " ", finding.rule->id, " ",
                                   finding.rule->name, ": ", finding.place, finding.place.empty() ? "" : ": ",
                                   finding.message))
                  << '\n';
    for (const Error& problem : validation.problems) std::cout << printable(problem.what()) << '\n';
    if (validation.findings.empty() && validation.problems.empty())
        std::cout << printable(file.name) << ": nothing found\n";
}

/// A file that is none of Keras' kinds is a problem of its own, not the end of the run.
ValidatedFile examine(const std::string& name, const ValidateOptions& options) {
    try {
        return {name, validate(name, options)};
    } catch (const Error& error) {
        if (error.code() == Code::usage) throw;
        return {name, {{}, error.problems()}};
    }
}

/// Findings first: what they are about is known even where the rest of the file is not.
int exit_code_of(const std::vector<ValidatedFile>& files) {
    int worst = 0;
    for (const ValidatedFile& file : files) {
        if (file.validation.has_findings()) return 1;
        for (const Error& problem : file.validation.problems) worst = std::max(worst, exit_code(problem.code()));
    }
    return worst;
}

void print_rules() {
    for (const Rule& rule : rules())
        std::cout << rule.id << ' ' << rule.name << " (" << severity_name(rule.severity) << "): " << rule.summary
                  << "\n    " << rule.help << '\n';
}

}  // namespace

std::string_view severity_name(Severity severity) {
    constexpr std::string_view names[] = {"note", "warning", "error"};
    return names[static_cast<std::size_t>(severity)];
}

int run(const Validate& command) {
    if (command.list_rules) {
        print_rules();
        return 0;
    }
    if (command.files.empty()) fail(Code::usage, "FILE is required; try `layerctl validate --help`");
    std::vector<ValidatedFile> files;
    for (const std::string& name : command.files) files.push_back(examine(name, command.options));
    if (command.sarif) {
        std::cout << dump(sarif(files));
    } else if (command.json) {
        Json document = Json::array();
        for (const ValidatedFile& file : files) document.push_back(file_json(file));
        std::cout << dump(document);
    } else {
        for (const ValidatedFile& file : files) print(file);
    }
    return exit_code_of(files);
}

}  // namespace layerctl::cli
