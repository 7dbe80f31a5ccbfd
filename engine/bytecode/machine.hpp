// The stack machine of Python, run on symbols along every way through a function that shapes may choose.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/bytecode/meaning.hpp"
#include "engine/bytecode/steps.hpp"

namespace layerctl::bytecode {

/// Names that the function gives symbols.
using SymbolNames = std::map<const Symbol*, std::string>;

class Machine {
public:
    Machine(const CodeObject& code, const Steps& steps, SymbolFactory& make, Meaning& meaning)
        : code_(code), steps_(steps), make_(make), meaning_(meaning) {}

    /// What the function returns. `locals` are its arguments; where one is null it has no value.
    SymbolPtr run(Symbols locals) { return follow({0, {}, std::move(locals), {}}); }

    const SymbolNames& names() const { return names_; }

private:
    struct State {
        std::size_t at;
        Symbols stack;
        Symbols locals;
        std::vector<std::string> keywords;
    };

    SymbolPtr follow(State state);
    SymbolPtr decided(State& state, const Step& step, bool& over);
    void apply(State& state, const Step& step);
    void apply_to_sequences(State& state, const Step& step);
    void call(State& state, const Step& step);
    void call_in_pairs(State& state, const Step& step);
    void call_unpacked(State& state, const Step& step);
    void take_markers(State& state, const Step& step, SymbolPtr& callee);
    SymbolPtr slice_of(State& state, std::size_t parts);
    SymbolPtr dict_of(const std::vector<std::pair<std::string, SymbolPtr>>& members);

    const CodeObject& code_;
    const Steps& steps_;
    SymbolFactory& make_;
    Meaning& meaning_;
    SymbolNames names_;
    Symbols kept_;  // what has a name
    std::size_t taken_ = 0, ways_ = 1;
};

}  // namespace layerctl::bytecode
