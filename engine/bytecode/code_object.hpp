// A function as Python compiles it: instructions, constants and names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/bytecode/marshal.hpp"

namespace layerctl::bytecode {

struct CodeObject {
    Layout layout = Layout::python3_11;
    std::int64_t argument_count = 0;
    std::int64_t positional_only_count = 0;
    std::int64_t keyword_only_count = 0;
    std::int64_t stack_size = 0;
    std::int64_t flags = 0;
    std::string instructions;
    std::vector<ObjectPtr> constants;
    std::vector<std::string> names;
    std::vector<std::string> locals;  // since 3.11 with cells and free variables
    std::vector<std::string> cells;
    std::vector<std::string> free;
    std::string name;
    std::string line_table;
    std::string exception_table;

    bool is_generator() const { return (flags & 0x20) != 0; }
};

/// Reads the fields of `layout` through `next_integer` and `next_object`; wrong types are a Misfit.
class CodeFields {
public:
    virtual ~CodeFields() = default;
    virtual std::int64_t next_integer() = 0;
    virtual ObjectPtr next_object() = 0;
};
CodeObject read_code(Layout layout, CodeFields& fields);

/// A reading of the bytes as a code object.
struct Reading {
    ObjectPtr object;
    const CodeObject& code() const { return *object->code; }
};

/// The bytes in every layout that reads all of them as one code object.
std::vector<Reading> readings_of(std::string_view bytes);

/// The same for bytes that Keras wrote under Windows, where every 0x5c became 0x2f: sizes are put back one at a time
/// until the bytes can be read.
std::vector<Reading> repaired_readings_of(std::string_view bytes);

}  // namespace layerctl::bytecode
