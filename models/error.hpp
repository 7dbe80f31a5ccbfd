// The one exception type of layerctl: a code, a message and the places it passed on its way up.
#pragma once

#include <exception>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace layerctl {

/// What kind of thing went wrong. `exit_code` maps each to the exit status of the command line.
enum class Code {
    usage,        // the caller's request makes no sense
    io,           // a file cannot be opened, read or written
    format,       // a file is not what it claims to be, or is damaged
    config,       // a layer or model config holds a wrong value
    shape,        // shapes do not fit together
    weights,      // stored weights do not fit the layers
    unsupported,  // a layer, key or feature layerctl does not know
    refused,      // a security rule or a limit
    input,        // the data given to a run does not fit the model
    internal,     // a broken promise inside layerctl
};

/// The lower-case name of a code, as it appears in `--json` output.
std::string_view code_name(Code code);

/// 2 usage · 3 io, format, config, shape, weights · 4 unsupported · 5 refused · 6 input, internal.
int exit_code(Code code);

/// Concatenates anything that can be streamed.
template <class... Parts>
std::string cat(const Parts&... parts) {
    std::ostringstream out;
    (out << ... << parts);
    return out.str();
}

/// A failure. Messages read `what was wanted, what was found`; the context frames say where, outermost first.
class Error : public std::exception {
public:
    Error(Code code, std::string message);

    /// Several problems reported at once; at least one. The code is that of the worst one.
    explicit Error(std::vector<Error> problems);

    Code code() const noexcept { return code_; }

    /// The message without its context.
    const std::string& message() const noexcept { return message_; }

    /// Where it happened, outermost first: a path, an h5 object, a layer.
    const std::vector<std::string>& context() const noexcept { return context_; }

    /// Every problem, each with its own context; one element for a plain error.
    std::vector<Error> problems() const;

    /// Adds an outer frame.
    void push_context(std::string_view frame);

    /// All frames and the message joined by ": "; one line per problem.
    const char* what() const noexcept override { return text_.c_str(); }

private:
    void compose();

    Code code_;
    std::string message_;
    std::vector<std::string> context_;
    std::vector<Error> problems_;
    std::string text_;
};

/// Throws an Error whose message is the concatenation of the parts.
template <class... Parts>
[[noreturn]] void fail(Code code, const Parts&... parts) {
    throw Error(code, cat(parts...));
}

/// Runs `action`; an Error leaving it carries `frame` as its outermost context.
template <class Action>
decltype(auto) in_context(std::string_view frame, Action&& action) {
    try {
        return std::forward<Action>(action)();
    } catch (Error& error) {
        error.push_context(frame);
        throw;
    }
}

/// Collects errors so that a file's problems are reported together.
class Problems {
public:
    void add(const Error& error);

    /// Runs `action` and keeps its Error; true if there was none.
    template <class Action>
    bool attempt(Action&& action) {
        try {
            std::forward<Action>(action)();
            return true;
        } catch (const Error& error) {
            add(error);
            return false;
        }
    }

    bool empty() const noexcept { return errors_.empty(); }
    const std::vector<Error>& errors() const noexcept { return errors_; }

    /// Throws one Error holding everything collected, if anything was.
    void throw_if_any() const;

private:
    std::vector<Error> errors_;
};

}  // namespace layerctl
