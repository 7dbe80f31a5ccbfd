#include "engine/expressions/parameters.hpp"

#include <algorithm>

#include "models/error.hpp"

namespace layerctl::expressions {
namespace {

Item& argument_slot(std::vector<std::optional<Item>>& given, const std::vector<Renamed>& parameters, std::size_t i) {
    if (given[i]) fail(Code::config, "argument '", parameters[i].parameter.names[0], "' is given twice");
    return given[i].emplace();
}

}  // namespace

std::vector<Renamed> renamed(std::string_view parameters) {
    std::vector<Renamed> result;
    const ops::Signature signature(parameters);
    for (ops::Parameter parameter : signature.parameters()) {
        std::string& first = parameter.names[0];
        const std::size_t arrow = first.find('>');
        std::string target = arrow == std::string::npos ? first : first.substr(arrow + 1);
        first = first.substr(0, arrow);
        result.push_back({std::move(parameter), std::move(target)});
    }
    return result;
}

CallItems under_table_names(const std::vector<Renamed>& parameters, CallItems items) {
    std::vector<std::optional<Item>> given(parameters.size());
    for (std::size_t i = 0; i < items.positional.size(); ++i) {
        if (i >= parameters.size())
            fail(Code::config, "wanted at most ", parameters.size(), " arguments, found ", items.positional.size());
        if (parameters[i].parameter.many) {
            argument_slot(given, parameters, i) =
                sequence_item({items.positional.begin() + static_cast<std::ptrdiff_t>(i), items.positional.end()});
            break;
        }
        argument_slot(given, parameters, i) = std::move(items.positional[i]);
    }
    for (auto& [name, item] : items.named) {
        const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const Renamed& p) {
            return std::count(p.parameter.names.begin(), p.parameter.names.end(), name) > 0;
        });
        if (found == parameters.end())
            fail(Code::unsupported, "argument '", name, "' is unknown and might change the result");
        argument_slot(given, parameters, static_cast<std::size_t>(found - parameters.begin())) = std::move(item);
    }
    CallItems out;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const ops::Parameter& parameter = parameters[i].parameter;
        if (!given[i] && parameter.required) fail(Code::config, "argument '", parameter.names[0], "' is missing");
        if (parameter.fixed && given[i] && !(as_constant(*given[i]) == parameter.fallback))
            fail(Code::unsupported, "argument '", parameter.names[0], "': only ", to_json(parameter.fallback),
                 " is supported, found ", described(*given[i]));
        if (parameter.fixed || parameter.ignored) continue;
        out.named.emplace_back(parameters[i].target,
                               given[i] ? std::move(*given[i]) : constant_item(parameter.fallback));
    }
    return out;
}

}  // namespace layerctl::expressions
