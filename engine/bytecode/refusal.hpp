// Why the code of a Lambda is not taken.
#pragma once

#include <string>
#include <string_view>

#include "models/error.hpp"

namespace layerctl::bytecode {

/// What kind of thing a function does that is not understood completely, or must not be.
enum class Category {
    format,  // the bytes are not one function of a Python we know
    random,
    unknown_function,
    unknown_global,
    imports,
    nested_function,
    loop,
    exception_handling,
    generator,
    attribute,
    tensor_condition,
    store,
    with,
    too_large,
    instruction,  // any other instruction
};

/// "unknown function"
std::string_view name_of(Category category);

struct Refusal {
    Category category = Category::format;
    std::string reason;
    bool dangerous = false;  // it reaches for more than arithmetic: what an attack would need
};

/// Thrown inside this room only.
struct Refused {
    Refusal refusal;
};

template <class... Parts>
[[noreturn]] void refuse(Category category, const Parts&... parts) {
    throw Refused{{category, cat(parts...)}};
}

template <class... Parts>
[[noreturn]] void refuse_dangerous(Category category, const Parts&... parts) {
    throw Refused{{category, cat(parts...), true}};
}

/// Bytes that do not fit the version they are read as. Thrown inside this room only.
struct Misfit {
    std::string reason;
};

template <class... Parts>
[[noreturn]] void misfit(const Parts&... parts) {
    throw Misfit{cat(parts...)};
}

}  // namespace layerctl::bytecode
