// What Python's operations mean on symbols. Everything not understood is refused.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/bytecode/opcodes.hpp"
#include "engine/bytecode/steps.hpp"
#include "engine/bytecode/symbols.hpp"
#include "engine/expressions/user_names.hpp"

namespace layerctl::bytecode {

/// The arguments of a call in a function.
struct Given {
    Symbols positional;
    std::vector<std::pair<std::string, SymbolPtr>> named;
};

/// What a function finds outside itself.
struct Surroundings {
    std::vector<std::pair<std::string, Value>> captured;
    const expressions::UserNames* user = nullptr;
    std::vector<std::string> globals = {};  // names that the function reads anywhere
};

class Meaning {
public:
    Meaning(SymbolFactory& make, Python version, const Surroundings& outside)
        : make_(make), version_(version), outside_(outside) {}

    SymbolPtr global(const std::string& name);
    SymbolPtr captured(const std::string& name);
    SymbolPtr attribute(const SymbolPtr& object, const std::string& name);
    SymbolPtr import_module(const std::string& name, const Symbol& level, const Symbol& names);

    SymbolPtr call(const SymbolPtr& callee, Given given);

    SymbolPtr unary(const std::string& symbol, const SymbolPtr& x);
    SymbolPtr binary(const std::string& symbol, const SymbolPtr& x, const SymbolPtr& y);

    /// x after "x += y" and the like. A list would change wherever else it is read, and is refused.
    SymbolPtr updated(const std::string& symbol, const SymbolPtr& x, const SymbolPtr& y);

    /// Whether the symbol is as `when` says; nothing if only shapes tell.
    std::optional<bool> is(When when, const SymbolPtr& x);

    /// The items of a tuple or list.
    const Symbols& items(const SymbolPtr& sequence) const;
    SymbolPtr tuple_of(const SymbolPtr& sequence);
    Symbols unpacked(const SymbolPtr& sequence, std::size_t count);

    bool is_python2() const { return version_ == Python::v2_7; }

private:
    SymbolPtr node(Symbol symbol) { return make_.make(std::move(symbol)); }
    SymbolPtr library_call(const std::string& path, Given given, Symbol::Sort sort);
    SymbolPtr argument(const SymbolPtr& x);
    SymbolPtr operand(const SymbolPtr& x);

    SymbolPtr builtin(const std::string& name, const Given& given);
    SymbolPtr range(const Given& given);
    SymbolPtr sum(const SymbolPtr& x);
    SymbolPtr call_method(const Symbol& method, const Given& given);
    SymbolPtr call_library(const std::string& path, Given given);
    SymbolPtr numeric(const std::string& path, const Given& given);
    SymbolPtr array(const std::string& path, const Given& given);

    /// Null for a name of which neither Python, nor a library, nor the user says what it means.
    SymbolPtr known_global(const std::string& name);
    bool is_unknown(const std::string& name);

    SymbolPtr attribute_of_path(const Symbol& path, const std::string& name);

    SymbolPtr constant_binary(const std::string& symbol, const Symbol& x, const Symbol& y);
    SymbolPtr sequence_binary(const std::string& symbol, const SymbolPtr& x, const SymbolPtr& y);
    SymbolPtr subscript(const SymbolPtr& x, const SymbolPtr& key);
    SymbolPtr item_of(const Symbol& sequence, const SymbolPtr& key);
    SymbolPtr sliced(const Symbol& sequence, const Symbol& slice);
    bool is_none(const SymbolPtr& x);
    bool same(const Symbol& x, const Symbol& y);
    bool contains(const Symbol& x, const Symbol& y);

    SymbolFactory& make_;
    Python version_;
    const Surroundings& outside_;
};

}  // namespace layerctl::bytecode
