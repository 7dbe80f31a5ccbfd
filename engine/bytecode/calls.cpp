// Calls: of Python's own functions, of numpy on constants, and of everything in the table of functions.
#include <algorithm>
#include <cmath>

#include "engine/bytecode/libraries.hpp"
#include "engine/bytecode/meaning.hpp"
#include "engine/expressions/functions.hpp"
#include "models/dtype.hpp"
#include "models/limits.hpp"

namespace layerctl::bytecode {
namespace {

using Kind = Symbol::Kind;
using Sort = Symbol::Sort;

[[noreturn]] void refuse_call(const std::string& path) {
    refuse(Category::unknown_function, "the call of '", path, "' is not understood");
}

std::optional<double> number_of(const Symbol& x) {
    if (!x.is_constant()) return std::nullopt;
    if (x.value.number() != nullptr) return *x.value.number();
    if (x.value.integer() != nullptr) return static_cast<double>(*x.value.integer());
    return std::nullopt;
}

struct Numeric {
    std::string_view name;
    double (*function)(double);
};

constexpr Numeric numerics[] = {
    {"sqrt", std::sqrt},   {"exp", std::exp}, {"log", std::log}, {"log2", std::log2},   {"log10", std::log10},
    {"log1p", std::log1p}, {"sin", std::sin}, {"cos", std::cos}, {"floor", std::floor}, {"ceil", std::ceil},
};

constexpr std::string_view dimensions_functions[] = {"K.int_shape", "ops.shape"};
constexpr std::string_view number_functions[] = {"K.ndim", "ops.ndim", "K.epsilon", "K.floatx", "K.image_data_format"};

Sort sort_of_result(const std::string& path) {
    const auto is_one_of = [&](const auto& names) {
        return std::find(std::begin(names), std::end(names), path) != std::end(names);
    };
    if (is_one_of(dimensions_functions)) return Sort::dimensions;
    return is_one_of(number_functions) ? Sort::number : Sort::tensor;
}

}  // namespace

SymbolPtr Meaning::library_call(const std::string& path, Given given, Sort sort) {
    Symbol call{.kind = Kind::call, .sort = sort, .text = path, .items = std::move(given.positional)};
    for (auto& [name, item] : given.named) {
        if (std::find(call.names.begin(), call.names.end(), name) != call.names.end()) refuse_call(path);
        call.names.push_back(name);
        call.items.push_back(std::move(item));
    }
    return node(std::move(call));
}

/// What a function of a library is given. A dtype may be named by numpy's class.
SymbolPtr Meaning::argument(const SymbolPtr& x) {
    if (x->kind == Kind::path && x->text.starts_with("np.") && parse_dtype(x->text.substr(3)))
        return make_.constant(x->text.substr(3));
    if (x->kind == Kind::array)
        return node({.kind = Kind::constant_tensor,
                     .sort = Sort::tensor,
                     .value = Value::object({{"class_name", "__numpy__"},
                                             {"config", Value::object({{"value", x->value}, {"dtype", x->text}})}})});
    if (x->kind == Kind::sequence) {
        Symbols items;
        for (const SymbolPtr& item : x->items) items.push_back(argument(item));
        return make_.sequence(std::move(items), x->is_list);
    }
    if (!x->is_open() && !x->is_constant()) refuse(Category::unknown_function, described(*x), " used as a value");
    return x;
}

SymbolPtr Meaning::call(const SymbolPtr& callee, Given given) {
    if (callee->kind == Kind::method) return call_method(*callee, given);
    if (callee->kind != Kind::path) refuse(Category::unknown_function, "a call of ", described(*callee));
    const std::string& path = callee->text;
    if (is_random(path)) refuse(Category::random, "'", path, "' draws random numbers");
    if (path.starts_with("builtins.")) return builtin(path.substr(9), given);
    if (path.starts_with("np.") || path.starts_with("math.")) return numeric(path, given);
    return call_library(path, std::move(given));
}

SymbolPtr Meaning::call_method(const Symbol& method, const Given& given) {
    if (!given.positional.empty() || !given.named.empty()) refuse_call(method.text);
    return method.text == "get_shape" ? attribute(method.items[0], "shape") : method.items[0];
}

SymbolPtr Meaning::call_library(const std::string& path, Given given) {
    const bool of_user = path.starts_with("user.");
    if (!of_user && !expressions::find_function(path))
        refuse(Category::unknown_function, "'", path, "' is not supported");
    for (SymbolPtr& item : given.positional) item = argument(item);
    for (auto& [name, item] : given.named) item = argument(item);
    return library_call(of_user ? path.substr(5) : path, std::move(given), sort_of_result(path));
}

SymbolPtr Meaning::range(const Given& given) {
    std::vector<std::int64_t> bounds;
    for (const SymbolPtr& x : given.positional) {
        if (!x->is_integer()) refuse_call("range");
        bounds.push_back(*x->value.integer());
    }
    if (bounds.size() == 1) bounds.insert(bounds.begin(), 0);
    if (bounds.size() == 2) bounds.push_back(1);
    const auto most = static_cast<std::int64_t>(limits::sequence_items);
    const auto is_far = [&](std::int64_t x) { return x > most || x < -most; };
    if (bounds.size() != 3 || bounds[2] == 0) refuse_call("range");
    if (std::any_of(bounds.begin(), bounds.end(), is_far)) refuse(Category::too_large, "a range beyond ", most);
    Symbols items;
    for (std::int64_t i = bounds[0]; bounds[2] > 0 ? i < bounds[1] : i > bounds[1]; i += bounds[2])
        items.push_back(make_.constant(i));
    return make_.sequence(std::move(items), true);
}

SymbolPtr Meaning::sum(const SymbolPtr& x) {
    SymbolPtr total;
    for (const SymbolPtr& item : items(x)) total = total == nullptr ? item : binary("+", total, item);
    if (total == nullptr || total->kind == Kind::sequence || total->is_text()) refuse_call("sum");
    return total;
}

SymbolPtr Meaning::builtin(const std::string& name, const Given& given) {
    if (!given.named.empty() || given.positional.empty()) refuse_call(name);
    if (name == "range") return range(given);
    const SymbolPtr& x = given.positional[0];
    const std::size_t count = given.positional.size();
    if (name == "pow" && count == 2) return binary("**", x, given.positional[1]);
    if (name == "slice" && (count == 2 || count == 3)) {
        Symbols parts = given.positional;
        parts.resize(3, make_.constant(Value()));
        return make_.make({.kind = Kind::slice, .items = std::move(parts)});
    }
    if (count != 1) refuse_call(name);
    if (name == "sum") return sum(x);
    const bool shape = x->is_open() && x->sort == Sort::dimensions, plain = x->is_open() && !x->is_tensor();
    if (name == "len" && x->kind == Kind::sequence) return make_.constant(static_cast<std::int64_t>(x->items.size()));
    if (name == "len" && (shape || x->is_tensor())) return library_call("len", {{x}, {}}, Sort::number);
    if ((name == "list" || name == "tuple") && x->kind == Kind::sequence)
        return make_.sequence(x->items, name == "list");
    if ((name == "list" || name == "tuple") && shape) return x;
    if ((name == "list" || name == "tuple") && x->is_tensor()) return library_call("list", {{x}, {}}, x->sort);
    if (name == "abs" && x->is_tensor()) return library_call("tf.abs", {{x}, {}}, Sort::tensor);
    if ((name == "int" || name == "float") && plain && !shape) return library_call(name, {{x}, {}}, Sort::number);
    const std::optional<double> number = number_of(*x);
    if (!number) refuse_call(name);
    if (name == "bool") return make_.constant(*number != 0);
    if (name == "float") return make_.constant(*number);
    if (name == "int" && x->is_integer()) return x;
    if (name == "int" && std::abs(*number) < 9e15) return make_.constant(static_cast<std::int64_t>(*number));
    if (name == "abs") return *number < 0 ? unary("-", x) : x;
    refuse_call(name);
}

/// numpy and math on Python's own numbers; they take no tensors.
SymbolPtr Meaning::numeric(const std::string& path, const Given& given) {
    const std::string name = path.substr(path.find('.') + 1);
    const bool of_numpy = path.starts_with("np.");
    if (of_numpy && (name == "array" || name == "asarray" || parse_dtype(name))) return array(name, given);
    if (!given.named.empty() || given.positional.size() != 1) refuse_call(path);
    const SymbolPtr& x = given.positional[0];
    const bool shape = x->is_open() && x->sort == Sort::dimensions;
    if (name == "prod" && (shape || x->kind == Kind::sequence))
        return library_call("math.prod", {{argument(x)}, {}}, Sort::number);
    if (name == "sqrt" && x->is_open() && !x->is_tensor() && x->sort != Sort::dimensions)
        return library_call("math.sqrt", {{x}, {}}, Sort::number);
    const auto* row = std::find_if(std::begin(numerics), std::end(numerics),
                                   [&](const Numeric& candidate) { return candidate.name == name; });
    const std::optional<double> number = number_of(*x);
    if (row == std::end(numerics) || !number) refuse_call(path);
    const double result = row->function(*number);
    if (!std::isfinite(result)) refuse_call(path);
    const bool whole = (name == "floor" || name == "ceil") && !of_numpy && !is_python2();
    if (whole && std::abs(result) < 9e15) return make_.constant(static_cast<std::int64_t>(result));
    return make_.constant(result);
}

/// np.array(numbers, dtype) and np.float32(number).
SymbolPtr Meaning::array(const std::string& name, const Given& given) {
    const bool of_dtype = parse_dtype(name).has_value();
    std::string dtype = of_dtype ? name : "";
    Symbols rest = given.positional;
    for (const auto& [keyword, item] : given.named) {
        if (keyword != "dtype" || rest.size() != 1) refuse_call("np." + name);
        rest.push_back(item);
    }
    if (rest.empty() || rest.size() > (of_dtype ? 1 : 2)) refuse_call("np." + name);
    if (rest.size() == 2) {
        const SymbolPtr given_dtype = argument(rest[1]);
        if (!given_dtype->is_text() || !parse_dtype(*given_dtype->value.string())) refuse_call("np." + name);
        dtype = *given_dtype->value.string();
    }
    const std::optional<Value> value = value_of(*rest[0]);
    if (!value) refuse_call("np." + name);
    return make_.array(*value, dtype);
}

}  // namespace layerctl::bytecode
