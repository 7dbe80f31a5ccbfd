// What an action complained about, for tests.
#pragma once

#include <optional>
#include <string>

#include "models/error.hpp"

namespace layerctl::test {

/// The Error that `action` throws, if any.
template <class Action>
std::optional<Error> error_of(Action&& action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

/// Its code; nothing if there was none.
template <class Action>
std::optional<Code> code_of(Action&& action) {
    const std::optional<Error> error = error_of(action);
    return error ? std::optional<Code>(error->code()) : std::nullopt;
}

/// Its text with context; empty if there was none.
template <class Action>
std::string message_of(Action&& action) {
    const std::optional<Error> error = error_of(action);
    return error ? error->what() : "";
}

/// "code: text"; empty if there was none.
template <class Action>
std::string complaint_of(Action&& action) {
    const std::optional<Error> error = error_of(action);
    return error ? std::string(code_name(error->code())) + ": " + error->what() : "";
}

}  // namespace layerctl::test
