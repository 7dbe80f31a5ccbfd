// Instructions of any version → steps, which mean the same for all of them.
#pragma once

#include <string>
#include <vector>

#include "engine/bytecode/instructions.hpp"

namespace layerctl::bytecode {

/// What is done with the stack. "top" is what was pushed last.
enum class Act {
    nothing,
    load_local,      // n
    store_local,     // n
    delete_local,    // n
    load_constant,   // constant
    load_null,       // the marker beside a callable that is no method
    load_global,     // name
    load_free,       // name of a captured variable
    load_attribute,  // name, of the top
    import_module,   // name; takes the level and the list of names
    import_member,   // name, of the top, which stays
    set_keywords,    // constant: names of the last arguments of the next call
    call,            // n arguments; keywords_on_top: their names are the top
    call_in_pairs,   // n positional arguments, m pairs of name and value, then a list and a dict as `list` and `dict`
                     // say
    call_unpacked,   // the arguments are a list and, if `dict` says so, a dict
    pop,
    copy,             // the n-th from the top
    swap,             // the top and the n-th
    rotate,           // the top goes below n - 1 others
    unary,            // text: "-", "+", "not", "~"
    binary,           // text: an operator, or "[]"
    update,           // the same of "x += y" and the like, which changes a list itself
    make_tuple,       // n
    make_list,        // n
    make_slice,       // n: 2 or 3
    make_dict,        // n pairs
    make_keyed_dict,  // n values under the names on top
    extend_list,      // the list n below by the top
    merge_dict,       // the dict n below by the top
    join_lists,       // n of them
    join_dicts,       // n of them
    to_tuple,
    slice_of,  // x[a:b]; n: bit 0, a is there; bit 1, b is there (below the top)
    unpack,    // n items
    jump,      // target
    branch,    // target, if the top is as `when` says; keeps: it stays where it jumps
    raise,
    leave,  // with the top
};

enum class When { false_, true_, none, not_none };
enum class Null { absent, below_callable, above_callable, beside_callable };

struct Step {
    Act act = Act::nothing;
    std::size_t n = 0, m = 0;
    std::string text = {};
    ObjectPtr constant = {};
    When when = When::false_;
    Null null = Null::absent;
    bool keeps = false;
    bool keywords_on_top = false;
    bool list = false, dict = false;
    std::size_t target = 0;       // the index of a step
    std::size_t instruction = 0;  // the index of the one it comes from
};

struct Steps {
    std::vector<Step> steps;
    std::size_t instructions = 0;
};

/// A Misfit where the version would not have written the instructions so; refuses what is no step.
Steps steps_of(const CodeObject& code, Python version, const std::vector<Instruction>& instructions);

/// Refuses code with instructions that show what the function is: a generator, a loop …
void refuse_forbidden(const CodeObject& code, const std::vector<Instruction>& instructions);

}  // namespace layerctl::bytecode
