// A function of Python, compiled → syntax over the functions that expressions call, or why not. Nothing is run.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/bytecode/opcodes.hpp"
#include "engine/bytecode/refusal.hpp"
#include "engine/expressions/user_names.hpp"
#include "models/value.hpp"

namespace layerctl::bytecode {

/// A function as a Lambda layer holds it.
struct CompiledFunction {
    std::string bytes;  // a marshalled code object
    Value defaults;     // of its last arguments, an array or null
    Value captured;     // the values of its captured variables in the order of their names, an array or null
    Value arguments;    // values of arguments by name, an object or null
    const expressions::UserNames* user = nullptr;  // for names that it reads from outside itself
};

struct Decoded {
    std::optional<Refusal> refusal;
    std::vector<Python> versions;  // that may have written it
    std::string argument;          // the name of the tensor, or of the list of tensors
    expressions::Body body;
    std::vector<std::string> changed;  // functions called that TensorFlow 1 computed otherwise
};

Decoded decode(const CompiledFunction& function);

/// What was decoded, ready to be evaluated. Operators between tensors are TensorFlow's: on its own tensors a Lambda
/// computes, in Keras 3 as well.
/// `user` is as it was for `decode`.
std::shared_ptr<const expressions::UserFunction> function_of(const Decoded& decoded,
                                                             const expressions::UserNames* user = nullptr);

}  // namespace layerctl::bytecode
