#include "engine/bytecode/code_object.hpp"

#include <array>

#include "models/limits.hpp"

namespace layerctl::bytecode {
namespace {

using Kind = Object::Kind;

constexpr std::array layouts = {Layout::python2_7, Layout::python3_5, Layout::python3_8, Layout::python3_11};

/// Texts; Python 2 writes names as bytes, too, and an empty table as an interned text.
std::string text_in(const ObjectPtr& object, const char* what) {
    if (object->kind != Kind::text && object->kind != Kind::bytes) misfit(what, " is no text");
    return object->text;
}

std::string bytes_in(const ObjectPtr& object, Layout layout, const char* what) {
    const bool fits = object->kind == Kind::bytes || (object->kind == Kind::text && layout == Layout::python2_7);
    if (!fits) misfit(what, " holds no bytes");
    return object->text;
}

const std::vector<ObjectPtr>& tuple_in(const ObjectPtr& object, const char* what) {
    if (object->kind != Kind::tuple) misfit(what, " is no tuple");
    return object->items;
}

std::vector<std::string> texts_in(const ObjectPtr& object, const char* what) {
    std::vector<std::string> texts;
    for (const ObjectPtr& item : tuple_in(object, what)) texts.push_back(text_in(item, what));
    return texts;
}

/// The names of all locals, and for each whether it is a cell or a free variable.
void read_locals(CodeObject& code, CodeFields& fields) {
    enum : unsigned char { cell = 0x40, free = 0x80 };
    code.locals = texts_in(fields.next_object(), "the table of locals");
    const std::string kinds = bytes_in(fields.next_object(), code.layout, "the kinds of locals");
    if (kinds.size() != code.locals.size()) misfit("locals and their kinds differ in number");
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        if ((static_cast<unsigned char>(kinds[i]) & cell) != 0) code.cells.push_back(code.locals[i]);
        if ((static_cast<unsigned char>(kinds[i]) & free) != 0) code.free.push_back(code.locals[i]);
    }
}

void read_names(CodeObject& code, CodeFields& fields) {
    code.names = texts_in(fields.next_object(), "the table of names");
    if (code.layout == Layout::python3_11) return read_locals(code, fields);
    code.locals = texts_in(fields.next_object(), "the table of locals");
    code.free = texts_in(fields.next_object(), "the table of free variables");
    code.cells = texts_in(fields.next_object(), "the table of cells");
}

/// Whether the bytes at `at` may be the low byte of a size: three zeros behind it, or a type with a short size before.
bool may_be_size(std::string_view bytes, std::size_t at) {
    const bool of_four = bytes.substr(at + 1, 3) == std::string_view("\0\0\0", 3);
    const char before = at == 0 ? '\0' : static_cast<char>(bytes[at - 1] & 0x7f);
    return of_four || before == 'z' || before == 'Z' || before == ')';
}

}  // namespace

CodeObject read_code(Layout layout, CodeFields& fields) {
    CodeObject code;
    code.layout = layout;
    code.argument_count = fields.next_integer();
    if (layout >= Layout::python3_8) code.positional_only_count = fields.next_integer();
    if (layout >= Layout::python3_5) code.keyword_only_count = fields.next_integer();
    if (layout < Layout::python3_11) fields.next_integer();  // the number of locals
    code.stack_size = fields.next_integer();
    code.flags = fields.next_integer();
    code.instructions = bytes_in(fields.next_object(), layout, "the code");
    code.constants = tuple_in(fields.next_object(), "the table of constants");
    read_names(code, fields);
    text_in(fields.next_object(), "the file name");
    code.name = text_in(fields.next_object(), "the name");
    if (layout == Layout::python3_11) text_in(fields.next_object(), "the qualified name");
    fields.next_integer();  // the first line
    code.line_table = bytes_in(fields.next_object(), layout, "the table of lines");
    if (layout == Layout::python3_11)
        code.exception_table = bytes_in(fields.next_object(), layout, "the table of exceptions");
    const auto locals = static_cast<std::int64_t>(code.locals.size());
    if (code.argument_count < 0 || code.keyword_only_count < 0 || code.argument_count > locals ||
        code.keyword_only_count > locals - code.argument_count)
        misfit("more arguments than locals");
    if (code.stack_size < 0 || code.stack_size > limits::bytecode_stack) misfit("a stack of ", code.stack_size);
    return code;
}

std::vector<Reading> readings_of(std::string_view bytes) {
    std::vector<Reading> readings;
    for (const Layout layout : layouts) {
        try {
            ObjectPtr object = read_marshal(bytes, layout);
            if (object->kind == Kind::code) readings.push_back({std::move(object)});
        } catch (const Misfit&) {
        }
    }
    return readings;
}

std::vector<Reading> repaired_readings_of(std::string_view bytes) {
    std::string repaired(bytes);
    std::size_t left = limits::bytecode_repairs;
    for (std::size_t i = 0; i < bytes.size() && left >= bytes.size(); ++i) {
        if (bytes[i] != '/' || !may_be_size(bytes, i)) continue;
        left -= bytes.size();
        repaired[i] = '\\';
        if (std::vector<Reading> readings = readings_of(repaired); !readings.empty()) return readings;
        repaired[i] = '/';
    }
    return {};
}

}  // namespace layerctl::bytecode
