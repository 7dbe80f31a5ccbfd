// The whole file: layers, cells, functions, lambdas and constants, and who may name whom.
#include "engine/custom_objects.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "engine/expressions/user_names.hpp"
#include "engine/layers/custom/custom_layer.hpp"
#include "engine/layers/custom/definition_reader.hpp"
#include "engine/layers/custom/given_function.hpp"
#include "engine/registry.hpp"
#include "models/limits.hpp"
#include "models/suggest.hpp"

namespace layerctl {
namespace custom {
namespace {

using Functions = std::map<std::string, std::shared_ptr<const expressions::UserFunction>>;

class FileObjects final : public CustomObjects, public expressions::UserNames {
public:
    FileObjects(const Config& document, const std::string& file) : root_(document.value(), file) {
        read();
        root_ = Part(null_, "");
    }

    std::shared_ptr<const TensorFunction> function(const std::string& name, const Value& arguments,
                                                   Dialect dialect) const override {
        return given(functions_, name, arguments, dialect);
    }

    std::shared_ptr<const TensorFunction> lambda(const std::string& layer, const Value& arguments,
                                                 Dialect dialect) const override {
        return given(lambdas_, layer, arguments, dialect);
    }

    std::optional<Value> constant(const std::string& name) const override {
        const auto found = constants_.find(name);
        if (found == constants_.end()) return std::nullopt;
        return found->second;
    }

    std::shared_ptr<const expressions::UserFunction> user_function(const std::string& name) const override {
        const auto found = functions_.find(name);
        return found == functions_.end() ? nullptr : found->second;
    }

    std::unique_ptr<Layer> layer(const std::string& class_name) const override {
        const auto found = layers_.find(class_name);
        if (found == layers_.end()) return nullptr;
        const std::shared_ptr<const LayerDefinition>& definition = found->second;
        if (definition->alias) return make_layer(definition->alias->name);
        return definition->is_cell ? make_custom_cell(definition) : make_custom_layer(definition);
    }

    Value presets(const std::string& class_name) const override {
        const auto found = layers_.find(class_name);
        if (found == layers_.end() || !found->second->alias) return {};
        return found->second->alias->envelope;
    }

    std::string python_class(const std::string& class_name) const override {
        const auto found = layers_.find(class_name);
        return found == layers_.end() ? std::string() : found->second->python_class;
    }

    std::vector<std::string> layer_names() const override { return names_of(layers_); }
    std::vector<std::string> function_names() const override { return names_of(functions_); }

private:
    /// A function while it is being read.
    class InProgress {
    public:
        InProgress(std::set<std::string>& names, const std::string& name)
            : names_(names), place_(names.insert(name).first) {}
        ~InProgress() { names_.erase(place_); }

    private:
        std::set<std::string>& names_;
        std::set<std::string>::iterator place_;
    };

    template <class Map>
    static std::vector<std::string> names_of(const Map& map) {
        std::vector<std::string> names;
        for (const auto& entry : map) names.push_back(entry.first);
        return names;
    }

    static std::shared_ptr<const TensorFunction> given(const Functions& functions, const std::string& name,
                                                       const Value& arguments, Dialect dialect) {
        const auto found = functions.find(name);
        return found == functions.end() ? nullptr : make_given_function(found->second, arguments, dialect);
    }

    void read() {
        Problems problems;
        problems.attempt([&] { root_.allow({"layers", "cells", "functions", "lambdas", "constants"}); });
        problems.throw_if_any();
        if (const auto constants = root_.find("constants"))
            for (const auto& [name, part] : constants->members()) {
                if (!is_identifier(name)) part.fail("wanted a name that an expression can hold");
                constants_.emplace(name, part.value());
            }
        for_each("functions", problems, [&](const std::string& name, const Part&) { find_function(name); });
        for_each("lambdas", problems, [&](const std::string& name, const Part& part) {
            lambdas_.emplace(name, read_function(part, globals()));
        });
        for_each("layers", problems,
                 [&](const std::string& name, const Part& part) { add(name, part, read_layer(part, globals())); });
        for_each("cells", problems,
                 [&](const std::string& name, const Part& part) { add(name, part, read_cell(part, globals())); });
        problems.attempt([&] { refuse_cycles(); });
        problems.throw_if_any();
    }

    template <class Action>
    void for_each(const char* section, Problems& problems, const Action& action) {
        problems.attempt([&] {
            const auto found = root_.find(section);
            if (!found) return;
            for (const auto& member : found->members()) problems.attempt([&] { action(member.first, member.second); });
        });
    }

    void add(const std::string& name, const Part& part, LayerDefinition definition) {
        if (definition.alias && make_layer(definition.alias->name) == nullptr)
            part.fail("alias of the unknown class '" + definition.alias->name + "'" +
                      did_you_mean(definition.alias->name, registered_layers()));
        if (!layers_.emplace(name, std::make_shared<const LayerDefinition>(std::move(definition))).second)
            part.fail("'" + name + "' is both a layer and a cell");
    }

    Globals globals() {
        Globals globals;
        globals.constant = [this](const std::string& name) { return constant(name); };
        globals.function = [this](const std::string& name) { return find_function(name); };
        if (const auto functions = root_.find("functions"))
            for (const auto& member : functions->members()) globals.function_names.push_back(member.first);
        return globals;
    }

    /// Functions are read when one that calls them is; a call of a function that is being read is a cycle.
    std::shared_ptr<const expressions::UserFunction> find_function(const std::string& name) {
        if (const auto known = functions_.find(name); known != functions_.end()) return known->second;
        const auto section = root_.find("functions");
        const auto part = section ? section->find(name) : std::nullopt;
        if (!part) return nullptr;
        if (in_progress_.contains(name)) part->fail("calls itself");
        if (in_progress_.size() >= limits::model_depth)
            fail(Code::refused, "functions that call each other more than ", limits::model_depth, " deep");
        const InProgress mark(in_progress_, name);
        auto function = read_function(*part, globals());
        return functions_.emplace(name, std::move(function)).first->second;
    }

    /// A layer must not own itself, not even through others, and what it owns is evaluated as often as it is called.
    void refuse_cycles() const {
        std::map<std::string, std::size_t> costs;
        std::vector<std::string> path;
        for (const auto& entry : layers_) cost_of(entry.first, path, costs);
    }

    std::size_t cost_of(const std::string& name, std::vector<std::string>& path,
                        std::map<std::string, std::size_t>& costs) const {
        const auto found = layers_.find(name);
        if (found == layers_.end() || found->second->alias) return 1;
        if (const auto known = costs.find(name); known != costs.end()) return known->second;
        if (std::find(path.begin(), path.end(), name) != path.end()) root_.fail("layer '" + name + "' owns itself");
        if (path.size() >= limits::model_depth)
            fail(Code::refused, "layers that own each other more than ", limits::model_depth, " deep");
        path.push_back(name);
        std::size_t cost = found->second->call->cost();
        for (std::size_t i = 0; i < found->second->parts.size(); ++i) {
            const std::string& owned = *found->second->parts[i].envelope.find("class_name")->string();
            cost += found->second->call->part_calls()[i] * cost_of(owned, path, costs);
            if (cost > limits::expression_nodes)
                fail(Code::refused, "layer '", name, "': more than ", limits::expression_nodes, " operations");
        }
        path.pop_back();
        return costs.emplace(name, cost).first->second;
    }

    const Value null_;
    Part root_;
    std::map<std::string, Value> constants_;
    Functions functions_, lambdas_;
    std::map<std::string, std::shared_ptr<const LayerDefinition>> layers_;
    std::set<std::string> in_progress_;
};

}  // namespace
}  // namespace custom

std::shared_ptr<const CustomObjects> parse_custom_objects(const Config& document, const std::string& file) {
    return std::make_shared<custom::FileObjects>(document, file);
}

}  // namespace layerctl
