#include "api/plugins/definitions.hpp"

#include <algorithm>

#include "api/plugins/border.hpp"
#include "formats/json/text.hpp"

namespace layerctl::plugins {
namespace {

template <class Pointer>
void require_member(Pointer given, const char* member) {
    if (given == nullptr) fail(Code::config, "'", member, "' is null");
}

Value parsed(const char* text, const char* member) {
    return in_context(cat("'", member, "'"), [&] { return formats::parse_json(text).value(); });
}

void refuse_doubles(std::vector<std::string> names, const char* what) {
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) fail(Code::config, what, " '", *twice, "' is given twice");
}

/// A JSON array of names.
std::vector<std::string> names_of(const char* text, const char* member) {
    std::vector<std::string> names;
    const Value value = parsed(text, member);
    if (!ConfigField<std::vector<std::string>>::read(value, names, Dialect::keras3))
        fail(Code::config, "'", member, "': wanted a list of names, found ", excerpt(value));
    refuse_doubles(names, "name");
    return names;
}

void require_callbacks(const layerctl_class& table) {
    require_member(table.create, "create");
    require_member(table.destroy, "destroy");
    require_member(table.outputs, "outputs");
    require_member(table.call, "call");
    if (table.kind == LAYERCTL_CELL) require_member(table.states, "states");
}

/// Numbers and members that mean nothing now may mean something later.
void require_meaning(const layerctl_class& table) {
    const bool is_cell = table.kind == LAYERCTL_CELL;
    if (!is_cell && table.kind != LAYERCTL_LAYER)
        fail(Code::config, "'kind': wanted a layer or a cell, found ", table.kind);
    if (table.mask != LAYERCTL_MASK_STOPS && table.mask != LAYERCTL_MASK_PASSES)
        fail(Code::config, "'mask': wanted 0 or 1, found ", table.mask);
    if (!is_cell && table.states != nullptr) fail(Code::config, "'states' are of cells only");
    if (is_cell && (table.inputs != nullptr || table.mask != LAYERCTL_MASK_STOPS))
        fail(Code::config, "'inputs' and 'mask' are of layers only");
}

void read_config(ClassDefinition& definition) {
    std::vector<std::string> keys;
    if (definition.table.config != nullptr) {
        const Value config = parsed(definition.table.config, "config");
        if (config.object() == nullptr) fail(Code::config, "'config': wanted an object, found ", excerpt(config));
        definition.config = *config.object();
    }
    if (definition.table.ignore != nullptr) definition.ignored = names_of(definition.table.ignore, "ignore");
    for (const auto& [key, fallback] : definition.config) keys.push_back(key);
    keys.insert(keys.end(), definition.ignored.begin(), definition.ignored.end());
    refuse_doubles(keys, "key");
}

std::string name_of(const char* name) {
    if (name == nullptr || *name == '\0') fail(Code::config, "there is no name");
    return name;
}

ClassDefinition read_class(const layerctl_class& given) {
    ClassDefinition definition;
    definition.table = taken(given, "layerctl_class");
    definition.name = name_of(definition.table.name);
    in_context(cat("class '", definition.name, "'"), [&] {
        require_callbacks(definition.table);
        require_meaning(definition.table);
        definition.inputs = {"x"};
        if (definition.table.inputs != nullptr) definition.inputs = names_of(definition.table.inputs, "inputs");
        if (definition.inputs.empty()) fail(Code::config, "'inputs': wanted one or more, found none");
        read_config(definition);
    });
    return definition;
}

ActivationDefinition read_activation(const layerctl_activation& given) {
    ActivationDefinition definition;
    definition.table = taken(given, "layerctl_activation");
    definition.name = name_of(definition.table.name);
    in_context(cat("activation '", definition.name, "'"), [&] { require_member(definition.table.call, "call"); });
    return definition;
}

/// Reads what an array of pointers in the table points to.
template <class Definition, class Struct>
std::vector<std::shared_ptr<const Definition>> read_all(const Struct* const* items, std::size_t count, const char* what,
                                                        Definition (*read)(const Struct&),
                                                        const std::shared_ptr<const layerctl_plugin>& library,
                                                        Problems& problems) {
    constexpr std::size_t sane = 1 << 16;
    std::vector<std::shared_ptr<const Definition>> definitions;
    std::vector<std::string> names;
    if (count > sane || (count > 0 && items == nullptr)) {
        problems.add(Error(Code::config, cat("wanted a list of ", what, ", found a count of ", count)));
        return definitions;
    }
    for (std::size_t i = 0; i < count; ++i)
        problems.attempt([&] {
            in_context(cat(what, "[", i, "]"), [&] {
                require_member(items[i], "table");
                Definition definition = read(*items[i]);
                definition.library = library;
                names.push_back(definition.name);
                definitions.push_back(std::make_shared<const Definition>(std::move(definition)));
            });
        });
    problems.attempt([&] { in_context(what, [&] { refuse_doubles(std::move(names), "name"); }); });
    return definitions;
}

}  // namespace

Definitions read_definitions(const std::shared_ptr<const layerctl_plugin>& library) {
    if (library->abi != LAYERCTL_PLUGIN_ABI)
        fail(Code::unsupported, "wanted a plug-in of ABI ", LAYERCTL_PLUGIN_ABI, ", found one of ABI ", library->abi);
    const layerctl_plugin table = taken(*library, "layerctl_plugin");
    Problems problems;
    Definitions definitions;
    definitions.classes = read_all(table.classes, table.class_count, "classes", read_class, library, problems);
    definitions.activations =
        read_all(table.activations, table.activation_count, "activations", read_activation, library, problems);
    problems.throw_if_any();
    return definitions;
}

}  // namespace layerctl::plugins
