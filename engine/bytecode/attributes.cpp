// Names and attributes: what a function reaches for outside its own variables.
#include <algorithm>
#include <array>

#include "engine/bytecode/libraries.hpp"
#include "engine/bytecode/meaning.hpp"
#include "engine/expressions/functions.hpp"

namespace layerctl::bytecode {
namespace {

using Kind = Symbol::Kind;
using Sort = Symbol::Sort;

constexpr std::array builtins = {"len",   "int", "float", "bool", "list",  "tuple", "abs",
                                 "range", "sum", "max",   "min",  "slice", "pow"};

// Python's own ways out of a function.
constexpr std::array dangerous = {"eval",       "exec",   "compile", "open",   "getattr", "setattr",
                                  "globals",    "locals", "vars",    "input",  "os",      "sys",
                                  "subprocess", "shutil", "socket",  "pickle", "builtins"};

bool is_exception(const std::string& name) { return name.ends_with("Error") || name.ends_with("Exception"); }

bool is_numpy(const std::string& path) { return path.starts_with("np.") || path.starts_with("math."); }

}  // namespace

SymbolPtr Meaning::global(const std::string& name) {
    if (SymbolPtr known = known_global(name)) return known;
    std::string others;
    for (const std::string& other : outside_.globals)
        if (other != name && is_unknown(other)) others += cat(", '", other, "'");
    refuse(Category::unknown_global, others.empty() ? "the global name '" : "the global names '", name, "'", others,
           others.empty() ? " is" : " are", " not in the file");
}

SymbolPtr Meaning::known_global(const std::string& name) {
    if (name == "None") return make_.constant(Value());
    if (name == "True" || name == "False") return make_.constant(name == "True");
    if (outside_.user != nullptr) {
        if (const std::optional<Value> value = outside_.user->constant(name)) return make_.from_config(*value);
        if (outside_.user->user_function(name) != nullptr) return make_.path("user." + name);
    }
    if (const std::string_view module = module_of(name); !module.empty()) return make_.path(std::string(module));
    if (std::find(builtins.begin(), builtins.end(), name) != builtins.end()) return make_.path("builtins." + name);
    if (name == "print") refuse(Category::unknown_function, "it prints");
    if (is_exception(name)) refuse(Category::exception_handling, "it raises ", name);
    if (name.starts_with("__") || std::find(dangerous.begin(), dangerous.end(), name) != dangerous.end())
        refuse_dangerous(Category::unknown_global, "it reaches for '", name, "'");
    return nullptr;
}

bool Meaning::is_unknown(const std::string& name) {
    try {
        return known_global(name) == nullptr;
    } catch (const Refused&) {
        return false;
    }
}

SymbolPtr Meaning::captured(const std::string& name) {
    for (const auto& [known, value] : outside_.captured)
        if (known == name) return make_.from_config(value);
    refuse(Category::unknown_global, "the captured variable '", name, "' is not in the file");
}

SymbolPtr Meaning::import_module(const std::string& name, const Symbol& level, const Symbol& names) {
    const std::string top = name.substr(0, name.find('.'));
    const bool known = top == "tensorflow" || top == "keras" || top == "numpy" || top == "math";
    const bool absolute = level.is_integer() && (*level.value.integer() == 0 || *level.value.integer() == -1);
    if (!known || !absolute) refuse(Category::imports, "it imports the module '", name, "'");
    const std::string path = std::string(module_of(top)) + name.substr(top.size());
    const std::string bound = canonical(names.is_none() ? std::string(module_of(top)) : path);
    if (!is_module(canonical(path)) && canonical(path) != module_of(top))
        refuse(Category::imports, "it imports the module '", name, "'");
    return make_.path(bound);
}

SymbolPtr Meaning::attribute_of_path(const Symbol& object, const std::string& name) {
    const std::string path = canonical(object.text + "." + name);
    if (is_random(path)) refuse(Category::random, "'", path, "' draws random numbers");
    if (std::optional<Value> value = library_constant(path)) return make_.constant(std::move(*value));
    const bool known = is_module(path) || is_numpy(path) || expressions::find_function(path);
    if (name == "io" || name == "py_function" || name == "py_func" || name == "numpy_function")
        refuse_dangerous(Category::unknown_function, "it reaches for '", path, "'");
    if (!known) refuse(Category::unknown_function, "'", path, "' is not supported");
    return make_.path(path);
}

SymbolPtr Meaning::attribute(const SymbolPtr& object, const std::string& name) {
    if (name.starts_with("_")) refuse_dangerous(Category::attribute, "the attribute '", name, "'");
    if (object->kind == Kind::path) return attribute_of_path(*object, name);
    const bool tensor = object->is_tensor(), shape = object->is_open() && object->sort == Sort::dimensions;
    const bool dimension = object->is_open() && object->sort == Sort::dimension;
    if (tensor && name == "shape")
        return node({.kind = Kind::attribute, .sort = Sort::dimensions, .text = name, .items = {object}});
    if (tensor && name == "dtype")
        return node({.kind = Kind::attribute, .sort = Sort::number, .text = name, .items = {object}});
    if (tensor && name == "ndim") return library_call("K.ndim", {{object}, {}}, Sort::number);
    if (shape && (name == "ndims" || name == "rank")) return library_call("len", {{object}, {}}, Sort::number);
    if (dimension && name == "value") return object;
    if ((tensor && name == "get_shape") || (shape && name == "as_list"))
        return make_.make({.kind = Kind::method, .text = name, .items = {object}});
    const bool top_k = object->kind == Kind::call && object->text.ends_with("top_k");
    if (top_k && (name == "values" || name == "indices"))
        return node({.kind = Kind::part,
                     .sort = Sort::tensor,
                     .items = {object},
                     .index = name == "values" ? std::size_t{0} : std::size_t{1},
                     .count = 2});
    refuse(Category::attribute, "the attribute '", name, "' of ", described(*object));
}

}  // namespace layerctl::bytecode
