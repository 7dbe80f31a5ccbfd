#include "engine/expressions/lexer.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "models/error.hpp"
#include "models/limits.hpp"

namespace layerctl::expressions {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_name(char c) { return begins_name(c) || is_digit(c); }

// Longer ones first.
constexpr std::array<std::string_view, 26> symbols = {"...", "**", "//", "==", "!=", "<=", ">=", "+", "-",
                                                      "*",   "/",  "%",  "@",  "<",  ">",  "=",  "(", ")",
                                                      "[",   "]",  ",",  ":",  ".",  "{",  "}",  ";"};

class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    std::vector<Token> run() {
        while (skip_spaces()) tokens_.push_back(next());
        tokens_.push_back({Token::Kind::end, at_ + 1, "", {}});
        return std::move(tokens_);
    }

private:
    bool skip_spaces() {
        at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
        return at_ < text_.size();
    }

    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

    Token next() {
        const std::size_t column = at_ + 1;
        if (begins_name(peek())) return {Token::Kind::name, column, std::string(run_of(in_name)), {}};
        if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1))))
            return {Token::Kind::literal, column, "", number()};
        if (peek() == '\'' || peek() == '"') return {Token::Kind::literal, column, "", string()};
        for (const std::string_view symbol : symbols)
            if (text_.substr(at_, symbol.size()) == symbol) {
                at_ += symbol.size();
                return {Token::Kind::symbol, column, std::string(symbol), {}};
            }
        fail_at(column, cat("'", printable(peek()), "' is not part of an expression"));
    }

    static std::string printable(char c) { return c >= ' ' && c <= '~' ? std::string(1, c) : "a character"; }

    template <class Test>
    std::string_view run_of(Test test) {
        const std::size_t begin = at_;
        while (at_ < text_.size() && test(text_[at_])) ++at_;
        return text_.substr(begin, at_ - begin);
    }

    void digits(std::string& out) {
        for (; is_digit(peek()) || (peek() == '_' && is_digit(peek(1))); ++at_)
            if (peek() != '_') out += peek();
    }

    Value number() {
        const std::size_t column = at_ + 1;
        std::string digits_only;
        digits(digits_only);
        bool whole = true;
        if (peek() == '.') {
            whole = false;
            digits_only += text_[at_++];
            digits(digits_only);
        }
        if ((peek() == 'e' || peek() == 'E') &&
            (is_digit(peek(1)) || ((peek(1) == '-' || peek(1) == '+') && is_digit(peek(2))))) {
            whole = false;
            digits_only += text_[at_++];
            if (!is_digit(peek())) digits_only += text_[at_++];
            digits(digits_only);
        }
        if (in_name(peek())) fail_at(column, "wanted a number, found letters in it");
        return whole ? converted<std::int64_t>(digits_only, column) : converted<double>(digits_only, column);
    }

    template <class T>
    static Value converted(const std::string& digits, std::size_t column) {
        T number{};
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error != std::errc() || end != digits.data() + digits.size())
            fail_at(column, "the number " + digits + " does not fit 64 bits");
        return number;
    }

    Value string() {
        const std::size_t column = at_ + 1;
        const char quote = text_[at_++];
        const std::size_t end = text_.find(quote, at_);
        if (end == std::string_view::npos) fail_at(column, "the string has no end");
        const std::string content(text_.substr(at_, end - at_));
        if (content.find('\\') != std::string::npos) fail_at(column, "escapes in strings are not supported");
        at_ = end + 1;
        return content;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view text) {
    if (text.size() > limits::expression_bytes)
        fail(Code::refused, "an expression of ", text.size(), " bytes, the limit is ", limits::expression_bytes);
    return Lexer(text).run();
}

void fail_at(std::size_t column, const std::string& message) { fail(Code::config, "column ", column, ": ", message); }

}  // namespace layerctl::expressions
