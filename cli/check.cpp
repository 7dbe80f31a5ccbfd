// layerctl check: everything wrong with a file, or one line that says it is fine.
#include <algorithm>
#include <iostream>

#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/json.hpp"
#include "cli/report.hpp"

namespace layerctl::cli {
namespace {

struct Finding {
    std::string file;
    Json facts;  // of the summary; null if the file could not be described
    std::vector<Error> problems;
    std::string missing;  // a custom-objects file to start from, or nothing
};

Json facts_of(const Model& model) {
    const Json summary = Json::parse(model.summary_json());
    return {{"class_name", summary.at("class_name")},
            {"name", summary.at("name")},
            {"layers", summary.at("layers").size()},
            {"parameters", model.count_params()},
            {"keras_version", summary.at("keras_version")}};
}

// Describing collects every problem but reads no weights; loading reads them all.
Finding examine(const std::string& file, const LoadOptions& options) {
    Finding finding{file, nullptr, {}, ""};
    try {
        const Model model = Model::describe(file, options);
        finding.problems = model.problems();
        finding.facts = facts_of(model);
        finding.missing = model.missing_custom_objects();
        if (finding.problems.empty()) Model::load(file, options);
        for (Error problem : model.training_problems()) {
            problem.push_context(file);
            finding.problems.push_back(std::move(problem));
        }
    } catch (const Error& error) {
        finding.problems = error.problems();
    }
    return finding;
}

std::string fine(const Finding& finding) {
    const Json& facts = finding.facts;
    const auto text = [&](const char* key) {
        return facts.at(key).is_string() ? facts.at(key).get<std::string>() : "";
    };
    std::string line = cat(finding.file, ": ok (", text("class_name"), " '", text("name"), "', ",
                           with_commas(facts.at("layers").get<std::uint64_t>()), " layers, ",
                           with_commas(facts.at("parameters").get<std::uint64_t>()), " parameters");
    if (!text("keras_version").empty()) line += ", Keras " + text("keras_version");
    return printable(line + ")");
}

Json finding_json(const Finding& finding) {
    Json document = {{"file", finding.file},
                     {"ok", finding.problems.empty()},
                     {"model", finding.facts},
                     {"problems", problems_json(finding.problems)}};
    if (!finding.missing.empty()) document["missing_custom_objects"] = Json::parse(finding.missing);
    return document;
}

// A finding is what was asked for, so it goes to stdout.
void print(const Finding& finding) {
    if (finding.problems.empty()) std::cout << fine(finding) << '\n';
    for (const Error& problem : finding.problems) std::cout << printable(problem.what()) << '\n';
    if (!finding.missing.empty())
        std::cout << "Needs --custom-objects, or --plugin for what no expression can say; a file to start from:\n"
                  << finding.missing;
}

}  // namespace

int run(const Check& command) {
    int worst = 0;
    Json document = Json::array();
    for (const std::string& file : command.files) {
        const Finding finding = examine(file, command.load);
        for (const Error& problem : finding.problems) worst = std::max(worst, exit_code(problem.code()));
        if (command.json) document.push_back(finding_json(finding));
        else print(finding);
    }
    if (command.json) std::cout << dump(document);
    return worst;
}

}  // namespace layerctl::cli
