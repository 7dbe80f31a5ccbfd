// Signatures of operations, and binding recorded calls to them.
#include <algorithm>

#include "engine/ops/table/arguments.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(separator, at), text.size());
        if (end > at) parts.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

Value default_value(const std::string& text) {
    if (text == "null") return {};
    if (text[0] == '[') {
        Value::Array items;
        for (const std::string& item : split(std::string_view(text).substr(1, text.size() - 2), ','))
            items.push_back(default_value(item));
        return items;
    }
    if (text == "true" || text == "false") return text == "true";
    if (text.find_first_not_of("-0123456789") == std::string::npos) return static_cast<std::int64_t>(std::stoll(text));
    if (text.find_first_not_of("-0123456789.e") == std::string::npos) return std::stod(text);
    return text;
}

Parameter parse_parameter(std::string text) {
    Parameter parameter;
    for (; text[0] == '!' || text[0] == '~' || text[0] == '*'; text.erase(0, 1))
        (text[0] == '!' ? parameter.fixed : text[0] == '~' ? parameter.ignored : parameter.many) = true;
    const std::size_t equals = text.find('=');
    parameter.required = equals == std::string::npos && !parameter.ignored;
    if (equals != std::string::npos) parameter.fallback = default_value(text.substr(equals + 1));
    parameter.names = split(std::string_view(text).substr(0, equals), '|');
    return parameter;
}

/// Numbers the tensors in the order of Call::tensors.
class Converter {
public:
    Operand operator()(const Argument& argument) {
        Operand operand;
        switch (argument.kind) {
            case Argument::Kind::tensor:
                operand.kind = Operand::Kind::tensor;
                operand.input = next_++;
                break;
            case Argument::Kind::constant:
                operand.kind = Operand::Kind::constant;
                operand.constant = argument.constant;
                break;
            case Argument::Kind::list:
                operand.kind = Operand::Kind::list;
                for (const Argument& item : argument.items) operand.items.push_back((*this)(item));
                break;
            case Argument::Kind::dict:
                operand.kind = Operand::Kind::dict;
                operand.keys = argument.keys;
                for (const Argument& item : argument.items) operand.items.push_back((*this)(item));
                break;
        }
        return operand;
    }

private:
    std::size_t next_ = 0;
};

Operand constant_operand(const Value& value) {
    Operand operand;
    operand.kind = Operand::Kind::constant;
    operand.constant = value;
    return operand;
}

}  // namespace

Signature::Signature(std::string_view text) {
    for (std::string& parameter : split(text, ' ')) parameters_.push_back(parse_parameter(std::move(parameter)));
}

std::optional<std::size_t> Signature::find(std::string_view name) const {
    for (std::size_t i = 0; i < parameters_.size(); ++i)
        if (std::find(parameters_[i].names.begin(), parameters_[i].names.end(), name) != parameters_[i].names.end())
            return i;
    return std::nullopt;
}

void Binding::bind(const std::vector<std::pair<std::string, Value>>& statics, const Call& call) {
    operands_.assign(signature_.parameters().size(), Operand{});
    for (const auto& [name, value] : statics) set(*signature_.find(name), constant_operand(value));
    Converter convert;
    std::vector<Operand> positional;
    for (const Argument& argument : call.args) positional.push_back(convert(argument));
    bind_positional(std::move(positional));
    for (const auto& [name, argument] : call.kwargs) {
        Operand operand = convert(argument);
        const bool name_of_node = name == "name" && dialect_ != Dialect::keras3;
        const auto parameter = signature_.find(name);
        if (parameter) set(*parameter, std::move(operand));
        else if (!name_of_node) fail(Code::unsupported, "argument '", name, "' is unknown and might change the result");
    }
    complete();
}

void Binding::bind_positional(std::vector<Operand> positional) {
    for (std::size_t i = 0; i < positional.size(); ++i) {
        if (i >= operands_.size())
            fail(Code::unsupported, "wanted at most ", operands_.size(), " arguments, found ", positional.size());
        if (signature_.parameters()[i].many) {
            Operand rest;
            rest.kind = Operand::Kind::list;
            rest.items.assign(positional.begin() + static_cast<std::ptrdiff_t>(i), positional.end());
            return set(i, std::move(rest));
        }
        set(i, std::move(positional[i]));
    }
}

void Binding::set(std::size_t parameter, Operand operand) {
    if (operands_[parameter].kind != Operand::Kind::absent)
        fail(Code::config, "argument '", signature_.parameters()[parameter].names[0], "' is given twice");
    operands_[parameter] = std::move(operand);
}

void Binding::complete() {
    for (std::size_t i = 0; i < operands_.size(); ++i) {
        const Parameter& parameter = signature_.parameters()[i];
        Operand& operand = operands_[i];
        if (operand.kind == Operand::Kind::absent && parameter.required)
            fail(Code::unsupported, "argument '", parameter.names[0], "' is missing: the file does not hold it");
        if (operand.kind == Operand::Kind::absent) operand = constant_operand(parameter.fallback);
        if (parameter.fixed && (operand.kind != Operand::Kind::constant || !(operand.constant == parameter.fallback)))
            fail(Code::unsupported, "argument '", parameter.names[0], "': only ", to_json(parameter.fallback),
                 " is supported, found ",
                 operand.kind == Operand::Kind::constant ? excerpt(operand.constant) : "a tensor");
    }
}

const Operand& Binding::operand(std::string_view name) const {
    const auto parameter = signature_.find(name);
    if (!parameter) fail(Code::internal, "an operation asks for argument '", name, "', which it does not have");
    return operands_[*parameter];
}

}  // namespace layerctl::ops
