// Symbols: what the values of a function are known to be while nothing is run.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/bytecode/marshal.hpp"
#include "models/value.hpp"

namespace layerctl::bytecode {

struct Symbol;
using SymbolPtr = std::shared_ptr<const Symbol>;
using Symbols = std::vector<SymbolPtr>;

struct Symbol {
    enum class Kind {
        constant,         // `value`: null, a boolean, number or text, or an ellipsis as ops::getitem takes it
        array,            // `value` of numpy; `text` is its dtype
        sequence,         // a tuple, or a list if `is_list`
        dict,             // items under `names`
        slice,            // start, stop, step
        path,             // a module or function of a library: `text`
        method,           // `text` of items[0]
        null,             // the marker beside a callable
        variable,         // the argument of the function: `text`
        constant_tensor,  // `value`
        attribute,        // `text` of items[0]
        call,             // `text` of items, the last of them under `names`
        unary,
        binary,       // `text`
        conditional,  // the condition, the value if it holds, the other one
        subscript,    // items[0] at items[1]
        part,         // number `index` of items[0], unpacked into `count`
    };

    /// What a value is that only a run or shapes tell.
    enum class Sort {
        number,      // a Python value that hangs on shapes; never None
        dimension,   // or None
        dimensions,  // a sequence of them
        tensor,      // or a list of tensors that an operation returned
        input,       // a tensor, or the list of them
    };

    Kind kind = Kind::constant;
    Sort sort = Sort::number;  // from `variable` on
    bool is_list = false;
    Value value = {};
    std::string text = {};
    Symbols items = {};
    std::vector<std::string> names = {};
    std::size_t index = 0, count = 0;
    std::size_t depth = 1;

    bool is_constant() const { return kind == Kind::constant; }
    bool is_none() const { return is_constant() && value.is_null(); }
    bool is_integer() const { return is_constant() && value.integer() != nullptr; }
    bool is_text() const { return is_constant() && value.string() != nullptr; }
    bool is_open() const { return kind >= Kind::variable; }  // known to a run or to shapes
    bool is_tensor() const { return is_open() && (sort == Sort::tensor || sort == Sort::input); }
};

/// Makes symbols, not more than the limits allow.
class SymbolFactory {
public:
    SymbolPtr make(Symbol symbol);
    SymbolPtr constant(Value value) { return make({.kind = Symbol::Kind::constant, .value = std::move(value)}); }
    SymbolPtr sequence(Symbols items, bool is_list);
    SymbolPtr path(std::string text) { return make({.kind = Symbol::Kind::path, .text = std::move(text)}); }

    /// A constant of the code; one that no expression can hold is refused.
    SymbolPtr from_object(const Object& object);

    /// A captured variable, default or argument as Keras writes it to a config.
    SymbolPtr from_config(const Value& value);

    /// An array of numpy; an empty `dtype` is the one numpy gives the numbers.
    SymbolPtr array(const Value& value, std::string dtype);

private:
    std::size_t made_ = 0;
};

/// How much a value takes, in parts of 8 bytes: more than nothing for long texts and arrays only.
std::size_t weight_of(const Value& value);

/// The value of a constant, or of a sequence of constants; nothing for anything else.
std::optional<Value> value_of(const Symbol& symbol);

/// "the module or function tf.math" …, for messages.
std::string described(const Symbol& symbol);

}  // namespace layerctl::bytecode
