#include "engine/bytecode/steps.hpp"

#include <algorithm>
#include <map>

#include "models/limits.hpp"

namespace layerctl::bytecode {
namespace {

ObjectPtr object_of(Object object) { return std::make_shared<const Object>(std::move(object)); }
ObjectPtr integer_object(std::size_t value) {
    return object_of({.kind = Object::Kind::integer, .integer = static_cast<std::int64_t>(value)});
}

const std::string& item(const std::vector<std::string>& names, std::size_t index) {
    if (index >= names.size()) misfit("a name out of range");
    return names[index];
}

class Translator {
public:
    Translator(const CodeObject& code, Python version) : code_(code), version_(version) {}

    Steps all(const std::vector<Instruction>& instructions);

    Python version() const { return version_; }
    bool since(Python version) const { return version_ >= version; }

    void add(Step step) {
        step.instruction = instruction_;
        steps_.push_back(std::move(step));
    }
    void add(Act act, std::size_t n = 0) { add({.act = act, .n = n}); }
    void add(Act act, std::string text) { add({.act = act, .text = std::move(text)}); }

    const std::string& name(std::size_t index) const { return item(code_.names, index); }

    ObjectPtr constant(std::size_t index) const {
        if (index >= code_.constants.size()) misfit("a constant out of range");
        return code_.constants[index];
    }

    void local(Act act, std::size_t index) {
        item(code_.locals, index);
        add(act, index);
    }

    void captured(std::size_t index) {
        if (since(Python::v3_11)) {
            const std::string& name = item(code_.locals, index);
            const bool free = std::count(code_.free.begin(), code_.free.end(), name) > 0;
            return free ? add(Act::load_free, name) : add(Act::load_local, index);
        }
        const std::size_t cells = code_.cells.size();
        if (index < cells) refuse(Category::nested_function, "a variable of a nested function");
        add(Act::load_free, item(code_.free, index - cells));
    }

    /// The marker beside what was just pushed: below it in 3.11 and 3.12, above it later.
    void null_beside() {
        add(Act::load_null);
        if (!since(Python::v3_13)) add(Act::swap, 2);
    }

    Null null_of_calls() const {
        if (!since(Python::v3_11)) return Null::absent;
        return since(Python::v3_13) ? Null::above_callable : Null::below_callable;
    }

private:
    void resolve_targets(const std::vector<Instruction>& instructions);

    const CodeObject& code_;
    Python version_;
    std::size_t instruction_ = 0;
    std::vector<Step> steps_;
};

using Handler = void (*)(Translator&, const Instruction&);

void ignore(Translator&, const Instruction&) {}

template <Act act>
void plain(Translator& to, const Instruction& from) {
    to.add(act, from.argument);
}

template <Act act>
void local(Translator& to, const Instruction& from) {
    to.local(act, from.argument);
}

template <Act first, Act second>
void two_locals(Translator& to, const Instruction& from) {
    to.local(first, from.argument >> 4);
    to.local(second, from.argument & 15);
}

template <Act act>
void named(Translator& to, const Instruction& from) {
    to.add(act, to.name(from.argument));
}

template <Act act, std::size_t n>
void with(Translator& to, const Instruction&) {
    to.add(act, n);
}

template <When when, bool keeps>
void branch(Translator& to, const Instruction&) {
    to.add({.act = Act::branch, .when = when, .keeps = keeps});
}

void load_constant(Translator& to, const Instruction& from) {
    to.add({.act = Act::load_constant, .constant = to.constant(from.argument)});
}

void return_constant(Translator& to, const Instruction& from) {
    load_constant(to, from);
    to.add(Act::leave);
}

void load_small_integer(Translator& to, const Instruction& from) {
    to.add({.act = Act::load_constant, .constant = integer_object(from.argument)});
}

void load_common_constant(Translator& to, const Instruction& from) {
    static const std::vector<std::string> globals = {
        "AssertionError", "NotImplementedError", "tuple", "all", "any", "list", "set"};
    static const std::vector<ObjectPtr> constants = {object_of({}), object_of({.kind = Object::Kind::text}),
                                                     object_of({.kind = Object::Kind::boolean, .boolean = true}),
                                                     object_of({.kind = Object::Kind::boolean}),
                                                     object_of({.kind = Object::Kind::integer, .integer = -1})};
    const std::size_t index = from.argument;
    const std::size_t known = to.since(Python::v3_15) ? globals.size() + constants.size() : 5;
    if (index >= known) misfit("a common constant out of range");
    if (index < globals.size()) return to.add(Act::load_global, globals[index]);
    to.add({.act = Act::load_constant, .constant = constants[index - globals.size()]});
}

void load_global(Translator& to, const Instruction& from) {
    const bool has_flag = to.since(Python::v3_11);
    to.add(Act::load_global, to.name(has_flag ? from.argument >> 1 : from.argument));
    if (has_flag && (from.argument & 1) != 0) to.null_beside();
}

void load_attribute(Translator& to, const Instruction& from) {
    const bool has_flag = to.since(Python::v3_12);
    to.add(Act::load_attribute, to.name(has_flag ? from.argument >> 1 : from.argument));
    if (has_flag && (from.argument & 1) != 0) to.null_beside();
}

void load_method(Translator& to, const Instruction& from) {
    to.add(Act::load_attribute, to.name(from.argument));
    to.null_beside();
}

void load_captured(Translator& to, const Instruction& from) { to.captured(from.argument); }

void import_module(Translator& to, const Instruction& from) {
    to.add(Act::import_module, to.name(to.since(Python::v3_15) ? from.argument >> 2 : from.argument));
}

void set_keywords(Translator& to, const Instruction& from) {
    to.add({.act = Act::set_keywords, .constant = to.constant(from.argument)});
}

void call(Translator& to, const Instruction& from) {
    to.add({.act = Act::call, .n = from.argument, .null = to.null_of_calls()});
}

void call_method(Translator& to, const Instruction& from) {
    to.add({.act = Act::call, .n = from.argument, .null = Null::below_callable});
}

void call_with_keywords(Translator& to, const Instruction& from) {
    to.add({.act = Act::call, .n = from.argument, .null = to.null_of_calls(), .keywords_on_top = true});
}

/// 2.7 and 3.5: the numbers of both kinds of arguments in one.
template <bool list, bool dict>
void call_in_pairs(Translator& to, const Instruction& from) {
    const std::size_t positional = from.argument & 255, pairs = from.argument >> 8;
    if (pairs > 255) misfit("a call with ", pairs, " keywords");
    to.add({.act = Act::call_in_pairs, .n = positional, .m = pairs, .list = list, .dict = dict});
}

void call_function(Translator& to, const Instruction& from) {
    return to.since(Python::v3_6) ? call(to, from) : call_in_pairs<false, false>(to, from);
}

void call_function_kw(Translator& to, const Instruction& from) {
    return to.since(Python::v3_6) ? call_with_keywords(to, from) : call_in_pairs<false, true>(to, from);
}

void call_unpacked(Translator& to, const Instruction& from) {
    const bool always = to.since(Python::v3_14);
    const Null null = to.since(Python::v3_11) ? Null::beside_callable : Null::absent;
    to.add({.act = Act::call_unpacked, .null = null, .dict = always || (from.argument & 1) != 0});
}

template <Act act, char first, char second = '\0'>
void operation(Translator& to, const Instruction&) {
    to.add(act, second == '\0' ? std::string{first} : std::string{first, second});
}

template <Act act>
void divide(Translator& to, const Instruction&) {
    to.add(act, "classic /");
}

template <char symbol>
void unary(Translator& to, const Instruction&) {
    to.add(Act::unary, std::string{symbol});
}

void negate(Translator& to, const Instruction&) { to.add(Act::unary, "not"); }

void binary_operation(Translator& to, const Instruction& from) {
    static const std::vector<std::string> symbols = {"+", "&",  "//", "<<", "@", "*", "%",
                                                     "|", "**", ">>", "-",  "/", "^"};
    const std::size_t index = from.argument;
    if (index == 2 * symbols.size() && to.since(Python::v3_14)) return to.add(Act::binary, "[]");
    if (index >= 2 * symbols.size()) misfit("an operator out of range");
    to.add(index < symbols.size() ? Act::binary : Act::update, symbols[index % symbols.size()]);
}

void compare(Translator& to, const Instruction& from) {
    static const std::vector<std::string> symbols = {"<", "<=", "==", "!=", ">", ">=", "in", "not in", "is", "is not"};
    std::size_t index = from.argument;
    if (to.version() == Python::v3_12) {  // the low bits say the same again; 0x2f is a 0x5c that was under Windows
        static const std::vector<std::size_t> written = {0x02, 0x1a, 0x28, 0x37, 0x44, 0x5c};
        const std::size_t given = index == 0x2f ? 0x5c : index;
        index = static_cast<std::size_t>(std::find(written.begin(), written.end(), given) - written.begin());
    } else if (to.since(Python::v3_13)) {
        index >>= 5;
    }
    if (index >= (to.since(Python::v3_9) ? 6 : symbols.size())) misfit("a comparison out of range");
    to.add(Act::binary, symbols[index]);
}

void identity(Translator& to, const Instruction& from) {
    if (from.argument > 1) misfit("an operand out of range");
    to.add(Act::binary, from.argument == 0 ? "is" : "is not");
}

void contains(Translator& to, const Instruction& from) {
    if (from.argument > 1) misfit("an operand out of range");
    to.add(Act::binary, from.argument == 0 ? "in" : "not in");
}

void intrinsic(Translator& to, const Instruction& from) {
    enum : std::size_t { unary_positive = 5, list_to_tuple = 6 };
    if (from.argument == unary_positive) return to.add(Act::unary, "+");
    if (from.argument == list_to_tuple) return to.add(Act::to_tuple);
    refuse(Category::instruction, "the intrinsic function ", from.argument, " is not supported");
}

void make_slice(Translator& to, const Instruction& from) {
    if (from.argument != 2 && from.argument != 3) misfit("a slice of ", from.argument);
    to.add(Act::make_slice, from.argument);
}

void join_to_tuple(Translator& to, const Instruction& from) {
    to.add(Act::join_lists, from.argument);
    to.add(Act::to_tuple);
}

void join_dicts(Translator& to, const Instruction& from) { to.add(Act::join_dicts, from.argument & 255); }

void copy_two(Translator& to, const Instruction&) {
    to.add(Act::copy, 2);
    to.add(Act::copy, 2);
}

const std::map<std::string_view, Handler>& handlers() {
    static const std::map<std::string_view, Handler> all = {
        {"NOP", ignore},
        {"RESUME", ignore},
        {"PRECALL", ignore},
        {"NOT_TAKEN", ignore},
        {"COPY_FREE_VARS", ignore},
        {"TO_BOOL", ignore},  // a conditional jump takes any value
        {"LOAD_FAST", local<Act::load_local>},
        {"LOAD_FAST_BORROW", local<Act::load_local>},
        {"LOAD_FAST_CHECK", local<Act::load_local>},
        {"LOAD_FAST_LOAD_FAST", two_locals<Act::load_local, Act::load_local>},
        {"LOAD_FAST_BORROW_LOAD_FAST_BORROW", two_locals<Act::load_local, Act::load_local>},
        {"STORE_FAST", local<Act::store_local>},
        {"STORE_FAST_STORE_FAST", two_locals<Act::store_local, Act::store_local>},
        {"STORE_FAST_LOAD_FAST", two_locals<Act::store_local, Act::load_local>},
        {"DELETE_FAST", local<Act::delete_local>},
        {"LOAD_CONST", load_constant},
        {"LOAD_SMALL_INT", load_small_integer},
        {"LOAD_COMMON_CONSTANT", load_common_constant},
        {"LOAD_GLOBAL", load_global},
        {"LOAD_DEREF", load_captured},
        {"LOAD_ATTR", load_attribute},
        {"LOAD_METHOD", load_method},
        {"PUSH_NULL", with<Act::load_null, 0>},
        {"IMPORT_NAME", import_module},
        {"IMPORT_FROM", named<Act::import_member>},
        {"KW_NAMES", set_keywords},
        {"CALL", call},
        {"CALL_METHOD", call_method},
        {"CALL_KW", call_with_keywords},
        {"CALL_FUNCTION", call_function},
        {"CALL_FUNCTION_KW", call_function_kw},
        {"CALL_FUNCTION_VAR", call_in_pairs<true, false>},
        {"CALL_FUNCTION_VAR_KW", call_in_pairs<true, true>},
        {"CALL_FUNCTION_EX", call_unpacked},
        {"CALL_INTRINSIC_1", intrinsic},
        {"POP_TOP", with<Act::pop, 0>},
        {"DUP_TOP", with<Act::copy, 1>},
        {"DUP_TOP_TWO", copy_two},
        {"COPY", plain<Act::copy>},
        {"SWAP", plain<Act::swap>},
        {"ROT_TWO", with<Act::swap, 2>},
        {"ROT_THREE", with<Act::rotate, 3>},
        {"ROT_FOUR", with<Act::rotate, 4>},
        {"ROT_N", plain<Act::rotate>},
        {"RETURN_VALUE", with<Act::leave, 0>},
        {"RETURN_CONST", return_constant},
        {"UNARY_NEGATIVE", unary<'-'>},
        {"UNARY_POSITIVE", unary<'+'>},
        {"UNARY_INVERT", unary<'~'>},
        {"UNARY_NOT", negate},
        {"BINARY_OP", binary_operation},
        {"BINARY_SUBSCR", operation<Act::binary, '[', ']'>},
        {"BINARY_SLICE", with<Act::slice_of, 3>},
        {"SLICE+0", with<Act::slice_of, 0>},
        {"SLICE+1", with<Act::slice_of, 1>},
        {"SLICE+2", with<Act::slice_of, 2>},
        {"SLICE+3", with<Act::slice_of, 3>},
        {"COMPARE_OP", compare},
        {"IS_OP", identity},
        {"CONTAINS_OP", contains},
        {"BUILD_TUPLE", plain<Act::make_tuple>},
        {"BUILD_LIST", plain<Act::make_list>},
        {"BUILD_SLICE", make_slice},
        {"BUILD_MAP", plain<Act::make_dict>},
        {"BUILD_CONST_KEY_MAP", plain<Act::make_keyed_dict>},
        {"LIST_EXTEND", plain<Act::extend_list>},
        {"DICT_MERGE", plain<Act::merge_dict>},
        {"DICT_UPDATE", plain<Act::merge_dict>},
        {"LIST_TO_TUPLE", with<Act::to_tuple, 0>},
        {"BUILD_LIST_UNPACK", plain<Act::join_lists>},
        {"BUILD_TUPLE_UNPACK", join_to_tuple},
        {"BUILD_TUPLE_UNPACK_WITH_CALL", join_to_tuple},
        {"BUILD_MAP_UNPACK", join_dicts},
        {"BUILD_MAP_UNPACK_WITH_CALL", join_dicts},
        {"UNPACK_SEQUENCE", plain<Act::unpack>},
        {"JUMP_FORWARD", with<Act::jump, 0>},
        {"JUMP_ABSOLUTE", with<Act::jump, 0>},
        {"POP_JUMP_IF_FALSE", branch<When::false_, false>},
        {"POP_JUMP_IF_TRUE", branch<When::true_, false>},
        {"POP_JUMP_IF_NONE", branch<When::none, false>},
        {"POP_JUMP_IF_NOT_NONE", branch<When::not_none, false>},
        {"POP_JUMP_FORWARD_IF_FALSE", branch<When::false_, false>},
        {"POP_JUMP_FORWARD_IF_TRUE", branch<When::true_, false>},
        {"POP_JUMP_FORWARD_IF_NONE", branch<When::none, false>},
        {"POP_JUMP_FORWARD_IF_NOT_NONE", branch<When::not_none, false>},
        {"JUMP_IF_FALSE_OR_POP", branch<When::false_, true>},
        {"JUMP_IF_TRUE_OR_POP", branch<When::true_, true>},
        {"RAISE_VARARGS", with<Act::raise, 0>},
        {"BINARY_DIVIDE", divide<Act::binary>},
        {"INPLACE_DIVIDE", divide<Act::update>},
        {"BINARY_ADD", operation<Act::binary, '+'>},
        {"INPLACE_ADD", operation<Act::update, '+'>},
        {"BINARY_SUBTRACT", operation<Act::binary, '-'>},
        {"INPLACE_SUBTRACT", operation<Act::update, '-'>},
        {"BINARY_MULTIPLY", operation<Act::binary, '*'>},
        {"INPLACE_MULTIPLY", operation<Act::update, '*'>},
        {"BINARY_TRUE_DIVIDE", operation<Act::binary, '/'>},
        {"INPLACE_TRUE_DIVIDE", operation<Act::update, '/'>},
        {"BINARY_FLOOR_DIVIDE", operation<Act::binary, '/', '/'>},
        {"INPLACE_FLOOR_DIVIDE", operation<Act::update, '/', '/'>},
        {"BINARY_MODULO", operation<Act::binary, '%'>},
        {"INPLACE_MODULO", operation<Act::update, '%'>},
        {"BINARY_POWER", operation<Act::binary, '*', '*'>},
        {"INPLACE_POWER", operation<Act::update, '*', '*'>},
        {"BINARY_MATRIX_MULTIPLY", operation<Act::binary, '@'>},
        {"INPLACE_MATRIX_MULTIPLY", operation<Act::update, '@'>},
        {"BINARY_AND", operation<Act::binary, '&'>},
        {"INPLACE_AND", operation<Act::update, '&'>},
        {"BINARY_OR", operation<Act::binary, '|'>},
        {"INPLACE_OR", operation<Act::update, '|'>},
        {"BINARY_XOR", operation<Act::binary, '^'>},
        {"INPLACE_XOR", operation<Act::update, '^'>},
        {"BINARY_LSHIFT", operation<Act::binary, '<', '<'>},
        {"INPLACE_LSHIFT", operation<Act::update, '<', '<'>},
        {"BINARY_RSHIFT", operation<Act::binary, '>', '>'>},
        {"INPLACE_RSHIFT", operation<Act::update, '>', '>'>},
    };
    return all;
}

Steps Translator::all(const std::vector<Instruction>& instructions) {
    for (instruction_ = 0; instruction_ < instructions.size(); ++instruction_) {
        const Instruction& instruction = instructions[instruction_];
        const auto handler = handlers().find(instruction.name);
        if (handler == handlers().end())
            refuse(Category::instruction, "the instruction ", instruction.name, " is not supported");
        const std::size_t before = steps_.size();
        handler->second(*this, instruction);
        if (steps_.size() == before) add(Act::nothing);
    }
    resolve_targets(instructions);
    return {std::move(steps_), instructions.size()};
}

void Translator::resolve_targets(const std::vector<Instruction>& instructions) {
    std::map<std::size_t, std::size_t> first_steps;  // by offset
    for (std::size_t i = steps_.size(); i > 0; --i) first_steps[instructions[steps_[i - 1].instruction].offset] = i - 1;
    for (Step& step : steps_) {
        if (step.act != Act::jump && step.act != Act::branch) continue;
        const auto target = first_steps.find(*instructions[step.instruction].target);
        if (target == first_steps.end()) misfit("a jump to no instruction");
        step.target = target->second;
    }
}

struct Forbidden {
    Category category;
    std::string_view instructions;  // separated and surrounded by spaces
};

// In the order in which they name the reason.
constexpr Forbidden forbidden[] = {
    {Category::generator, " YIELD_VALUE YIELD_FROM RETURN_GENERATOR GEN_START SEND GET_AWAITABLE GET_YIELD_FROM_ITER "},
    {Category::loop,
     " FOR_ITER GET_ITER SETUP_LOOP JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT POP_JUMP_BACKWARD_IF_TRUE "
     "POP_JUMP_BACKWARD_IF_FALSE POP_JUMP_BACKWARD_IF_NONE POP_JUMP_BACKWARD_IF_NOT_NONE BREAK_LOOP CONTINUE_LOOP "
     "LIST_APPEND LOAD_FAST_AND_CLEAR "},
    {Category::with,
     " SETUP_WITH BEFORE_WITH LOAD_SPECIAL WITH_EXCEPT_START WITH_CLEANUP WITH_CLEANUP_START SETUP_ASYNC_WITH "},
    {Category::exception_handling,
     " SETUP_FINALLY SETUP_EXCEPT PUSH_EXC_INFO CHECK_EXC_MATCH RERAISE POP_EXCEPT END_FINALLY "},
    {Category::store,
     " STORE_ATTR STORE_GLOBAL STORE_SUBSCR STORE_NAME DELETE_ATTR DELETE_GLOBAL DELETE_SUBSCR DELETE_NAME "
     "STORE_DEREF "},
    {Category::nested_function, " MAKE_FUNCTION MAKE_CLOSURE LOAD_CLOSURE LOAD_BUILD_CLASS MAKE_CELL "},
    {Category::unknown_function, " PRINT_EXPR PRINT_ITEM PRINT_NEWLINE PRINT_ITEM_TO PRINT_NEWLINE_TO "},
};

bool is_listed(std::string_view list, std::string_view name) {
    return list.find(cat(' ', name, ' ')) != std::string_view::npos;
}

bool goes_back(const Instruction& instruction) {
    return instruction.target && *instruction.target <= instruction.offset;
}

bool shows(const CodeObject& code, Category category, const Instruction& instruction, std::string_view list) {
    if (category == Category::generator && code.is_generator()) return true;
    if (category == Category::exception_handling && !code.exception_table.empty()) return true;
    return is_listed(list, instruction.name) || (category == Category::loop && goes_back(instruction));
}

}  // namespace

Steps steps_of(const CodeObject& code, Python version, const std::vector<Instruction>& instructions) {
    return Translator(code, version).all(instructions);
}

void refuse_forbidden(const CodeObject& code, const std::vector<Instruction>& instructions) {
    for (const auto& [category, list] : forbidden)
        for (const Instruction& instruction : instructions)
            if (shows(code, category, instruction, list))
                throw Refused{{category, cat("it has a ", name_of(category), " (", instruction.name, ")"),
                               category == Category::store}};
}

}  // namespace layerctl::bytecode
