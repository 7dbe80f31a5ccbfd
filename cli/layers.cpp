// layerctl layers: the layer classes and operations that can be run, and what each takes.
#include <algorithm>
#include <iostream>

#include <nlohmann/json.hpp>

#include "api/catalogue.hpp"
#include "cli/commands.hpp"
#include "cli/json.hpp"

namespace layerctl::cli {
namespace {

constexpr std::string_view use_names[] = {"required", "optional", "only", "ignored"};

std::string_view use_name(ConfigKey::Use use) { return use_names[static_cast<std::size_t>(use)]; }

Json key_json(const ConfigKey& key) {
    Json out = {{"name", key.names.front()},
                {"other_names", std::vector<std::string>(key.names.begin() + 1, key.names.end())},
                {"use", use_name(key.use)}};
    if (!key.wanted.empty()) out["wanted"] = key.wanted;
    if (key.use == ConfigKey::Use::optional || key.use == ConfigKey::Use::only)
        out["default"] = Json::parse(to_json(key.default_value));
    return out;
}

Json keys_json(const std::vector<ConfigKey>& keys) {
    Json out = Json::array();
    for (const ConfigKey& key : keys) out.push_back(key_json(key));
    return out;
}

Json entry_json(const LayerEntry& entry) {
    return {{"class_name", entry.name},
            {"inputs", entry.inputs},
            {"config", keys_json(entry.keys)},
            {"call", keys_json(entry.call_keys)}};
}

/// A default in one word: a serialized object by the name of its class.
std::string in_short(const Value& value) {
    const Value* class_name = value.find("class_name");
    return class_name == nullptr ? to_json(value) : to_json(*class_name);
}

/// "  units    required; an integer".
void print(const std::vector<ConfigKey>& keys) {
    std::size_t widest = 0;
    for (const ConfigKey& key : keys) widest = std::max(widest, key.names.front().size());
    for (const ConfigKey& key : keys) {
        if (key.use == ConfigKey::Use::ignored) continue;
        std::string line = "  " + key.names.front();
        line.resize(widest + 4, ' ');
        if (key.use == ConfigKey::Use::required) line += "required; " + key.wanted;
        else if (key.use == ConfigKey::Use::only) line += "only " + key.wanted;
        else line += in_short(key.default_value) + "; " + key.wanted;
        for (std::size_t i = 1; i < key.names.size(); ++i) line += (i == 1 ? "; also " : ", ") + key.names[i];
        std::cout << line << '\n';
    }
}

void print_ignored(const std::vector<ConfigKey>& keys) {
    std::string line;
    for (const ConfigKey& key : keys)
        if (key.use == ConfigKey::Use::ignored) line += (line.empty() ? "" : ", ") + key.names.front();
    if (!line.empty()) std::cout << "without effect on predictions: " << line << '\n';
}

void print(const LayerEntry& entry) {
    std::cout << entry.name << '\n';
    print(entry.keys);
    if (!entry.call_keys.empty()) std::cout << "when called\n";
    print(entry.call_keys);
    if (!entry.inputs.empty()) {
        std::cout << "inputs:";
        for (const std::string& input : entry.inputs) std::cout << ' ' << input;
        std::cout << '\n';
    }
    print_ignored(entry.keys);
}

int list_operations(bool json) {
    Json document = Json::array();
    for (const OperationEntry& entry : operation_entries()) {
        if (json) document.push_back({{"name", entry.name}, {"arguments", entry.arguments}});
        else std::cout << entry.name << '(' << entry.arguments << ")\n";
    }
    if (json) std::cout << dump(document);
    return 0;
}

int list_classes(const Layers& command) {
    Json document = Json::array();
    for (const std::string& name : layer_classes()) {
        if (command.json) document.push_back(entry_json(layer_entry(name, command.dialect)));
        else std::cout << name << '\n';
    }
    if (command.json) std::cout << dump(document);
    return 0;
}

}  // namespace

int run(const Layers& command) {
    if (command.operations) return list_operations(command.json);
    if (command.names.empty()) return list_classes(command);
    Json document = Json::array();
    for (const std::string& name : command.names) {
        const LayerEntry entry = layer_entry(name, command.dialect);
        if (command.json) document.push_back(entry_json(entry));
        else print(entry);
    }
    if (command.json) std::cout << dump(document);
    return 0;
}

}  // namespace layerctl::cli
