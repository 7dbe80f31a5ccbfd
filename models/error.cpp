#include "models/error.hpp"

#include <algorithm>
#include <array>

namespace layerctl {
namespace {

struct CodeRow {
    Code code;
    std::string_view name;
    int exit;
};

constexpr std::array<CodeRow, 10> code_rows = {{
    {Code::usage, "usage", 2},
    {Code::io, "io", 3},
    {Code::format, "format", 3},
    {Code::config, "config", 3},
    {Code::shape, "shape", 3},
    {Code::weights, "weights", 3},
    {Code::unsupported, "unsupported", 4},
    {Code::refused, "refused", 5},
    {Code::input, "input", 6},
    {Code::internal, "internal", 6},
}};

const CodeRow& row(Code code) { return code_rows[static_cast<std::size_t>(code)]; }

}  // namespace

std::string_view code_name(Code code) { return row(code).name; }

int exit_code(Code code) { return row(code).exit; }

Error::Error(Code code, std::string message) : code_(code), message_(std::move(message)) { compose(); }

Error::Error(std::vector<Error> problems) : code_(Code::internal), message_("no problem given") {
    if (problems.empty()) {
        compose();
        return;
    }
    const auto worst = std::max_element(problems.begin(), problems.end(), [](const Error& a, const Error& b) {
        return exit_code(a.code()) < exit_code(b.code());
    });
    code_ = worst->code();
    message_ = worst->message();
    problems_ = std::move(problems);
    compose();
}

std::vector<Error> Error::problems() const { return problems_.empty() ? std::vector<Error>{*this} : problems_; }

void Error::push_context(std::string_view frame) {
    context_.insert(context_.begin(), std::string(frame));
    for (Error& problem : problems_) problem.push_context(frame);
    compose();
}

void Error::compose() {
    text_.clear();
    if (problems_.empty()) {
        for (const std::string& frame : context_) text_ += frame + ": ";
        text_ += message_;
        return;
    }
    for (const Error& problem : problems_) {
        if (!text_.empty()) text_ += '\n';
        text_ += problem.what();
    }
}

void Problems::add(const Error& error) {
    const std::vector<Error> found = error.problems();
    errors_.insert(errors_.end(), found.begin(), found.end());
}

void Problems::throw_if_any() const {
    if (errors_.size() == 1) throw errors_.front();
    if (!errors_.empty()) throw Error(errors_);
}

}  // namespace layerctl
