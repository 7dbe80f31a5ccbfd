#include "cli/report.hpp"

#include <iostream>

#include <nlohmann/json.hpp>

#include "cli/json.hpp"

namespace layerctl::cli {

std::string dump(const Json& document) { return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n'; }

std::string dump_line(const Json& document) {
    return document.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

Json or_null(const std::optional<std::int64_t>& number) { return number ? Json(*number) : Json(); }
Json or_null(const std::optional<double>& number) { return number ? Json(*number) : Json(); }

Json problems_json(const std::vector<Error>& problems) {
    Json list = Json::array();
    for (const Error& problem : problems)
        list.push_back(
            {{"code", code_name(problem.code())}, {"context", problem.context()}, {"message", problem.message()}});
    return list;
}

int report(const Error& error, bool json) {
    const int code = exit_code(error.code());
    if (json) std::cerr << dump({{"exit_code", code}, {"errors", problems_json(error.problems())}});
    else
        for (const Error& problem : error.problems()) std::cerr << "layerctl: " << printable(problem.what()) << '\n';
    return code;
}

std::string with_commas(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::ptrdiff_t at = std::ssize(digits) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

void note(std::string_view text) { std::cerr << "layerctl: note: " << printable(text) << '\n'; }

}  // namespace layerctl::cli
