#include "cli/lambdas.hpp"

#include <iostream>

#include <nlohmann/json.hpp>

#include "api/lambda_code.hpp"
#include "cli/json.hpp"
#include "cli/report.hpp"

namespace layerctl::cli {
namespace {

Json lambda_json(const LambdaCode& code) {
    Json out = {{"layer", code.layer}, {"python", code.versions}};
    if (code.category.empty()) out.update({{"source", code.source}, {"operations", code.operations}});
    else out.update({{"refused", code.category}, {"reason", code.reason}, {"dangerous", code.dangerous}});
    return out;
}

std::string joined(const std::vector<std::string>& items, const char* separator) {
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : separator) + item;
    return text;
}

void print(const LambdaCode& code) {
    std::cout << printable(code.layer) << (code.versions.empty() ? "" : "  Python ") << joined(code.versions, " or ")
              << '\n';
    if (!code.category.empty()) {
        std::cout << "    " << printable(refusal_of(code)) << '\n';
        return;
    }
    for (std::size_t begin = 0; begin < code.source.size();) {
        const std::size_t end = std::min(code.source.find('\n', begin), code.source.size());
        std::cout << "    " << printable(code.source.substr(begin, end - begin)) << '\n';
        begin = end + 1;
    }
    if (!code.operations.empty()) std::cout << "    of " << printable(joined(code.operations, ", ")) << '\n';
}

}  // namespace

int print_lambdas(const Inspect& command, const Contents& contents) {
    const std::vector<LambdaCode> codes = lambda_codes(contents);
    if (command.json) {
        Json list = Json::array();
        for (const LambdaCode& code : codes) list.push_back(lambda_json(code));
        std::cout << dump({{"file", command.file}, {"lambdas", list}});
        return 0;
    }
    for (const LambdaCode& code : codes) print(code);
    if (codes.empty()) std::cout << "no functions of Lambda layers\n";
    return 0;
}

}  // namespace layerctl::cli
