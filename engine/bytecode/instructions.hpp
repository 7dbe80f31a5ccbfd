// The bytes of a code object → its instructions, in the terms of one version.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/bytecode/code_object.hpp"
#include "engine/bytecode/opcodes.hpp"

namespace layerctl::bytecode {

struct Instruction {
    std::string_view name;
    std::size_t argument = 0;
    std::size_t offset = 0;                  // where it begins, prefixes included
    std::size_t next = 0;                    // behind it and its caches
    std::optional<std::size_t> target = {};  // of a jump
};

/// What Keras did to the bytes: under Windows every 0x5c became 0x2f.
enum class Damage { none, windows };

/// A Misfit if the bytes cannot be what that version wrote.
std::vector<Instruction> instructions_of(const CodeObject& code, Python version, Damage damage);

/// Whether the table of lines is about as many instructions as there are.
bool lines_fit(const CodeObject& code, Python version);

}  // namespace layerctl::bytecode
