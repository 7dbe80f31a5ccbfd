#include "api/lambda_code.hpp"

#include <algorithm>

#include "engine/bytecode/decode.hpp"
#include "engine/bytecode/stored_function.hpp"
#include "engine/expressions/source.hpp"
#include "formats/json/text.hpp"
#include "models/error.hpp"

namespace layerctl {
namespace {

using expressions::Node;

void list_operations(const Node& node, std::vector<std::string>& operations) {
    const auto add = [&](const std::string& name) {
        if (std::find(operations.begin(), operations.end(), name) == operations.end()) operations.push_back(name);
    };
    switch (node.kind) {
        case Node::Kind::call: add(node.items[0].text); break;
        case Node::Kind::unary:
        case Node::Kind::binary: add(node.text); break;
        case Node::Kind::subscript: add("[]"); break;
        default: break;
    }
    for (const Node& item : node.items) list_operations(item, operations);
}

void collect(const Value& value, std::vector<LambdaCode>& codes) {
    if (value.array() != nullptr)
        for (const Value& item : *value.array()) collect(item, codes);
    if (value.object() == nullptr) return;
    const Value* config = value.find("config");
    if (value.string_at("class_name") == "Lambda" && config != nullptr)
        if (std::optional<LambdaCode> code = lambda_code(*config)) codes.push_back(std::move(*code));
    for (const auto& [key, member] : *value.object()) collect(member, codes);
}

}  // namespace

std::optional<LambdaCode> lambda_code(const Value& config) {
    const Value* function = config.find("function");
    if (function == nullptr) return std::nullopt;
    const auto stored = bytecode::stored_function(*function, config.string_at("function_type"));
    if (!stored) return std::nullopt;
    const Value* arguments = config.find("arguments");
    const bytecode::Decoded decoded = bytecode::decode(
        {stored->bytes, stored->defaults, stored->captured, arguments == nullptr ? Value() : *arguments});
    LambdaCode code;
    code.layer = config.string_at("name");
    for (const bytecode::Python version : decoded.versions) code.versions.emplace_back(name_of(version));
    if (decoded.refusal) {
        code.category = name_of(decoded.refusal->category);
        code.reason = decoded.refusal->reason;
        code.dangerous = decoded.refusal->dangerous;
        return code;
    }
    code.source = expressions::source_of(decoded.argument, decoded.body);
    for (const expressions::Statement& statement : decoded.body) list_operations(statement.value, code.operations);
    return code;
}

std::vector<LambdaCode> lambda_codes(const Contents& contents) {
    std::vector<LambdaCode> codes;
    for (const Part& part : contents.parts)
        if (part.use == Part::Use::config && part.text) collect(formats::parse_json(part.text()).value(), codes);
    return codes;
}

std::string refusal_of(const LambdaCode& code) {
    return cat(code.dangerous ? "dangerous, " : "not understood, ", code.category, ": ", code.reason);
}

std::string described(const LambdaCode& code) {
    std::string text;
    for (const std::string& version : code.versions) text += (text.empty() ? "Python " : " or ") + version;
    if (!text.empty()) text += ": ";
    return text + (code.category.empty() ? code.source : refusal_of(code));
}

}  // namespace layerctl
