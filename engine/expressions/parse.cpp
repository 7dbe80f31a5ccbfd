// A recursive descent over the tokens, with the precedence of Python's operators.
#include "engine/expressions/parse.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "engine/expressions/lexer.hpp"
#include "models/error.hpp"
#include "models/limits.hpp"

namespace layerctl::expressions {
namespace {

using Kind = Node::Kind;

constexpr std::array<std::string_view, 11> keywords = {"and",    "or",  "not", "if",     "else", "is",
                                                       "return", "for", "in",  "lambda", "while"};

bool is_keyword(std::string_view word) { return std::find(keywords.begin(), keywords.end(), word) != keywords.end(); }

class Parser {
public:
    explicit Parser(std::string_view text) : tokens_(tokens_of(text)) {}

    Statement statement() {
        Statement statement;
        if (accept_word("return")) {
            statement.value = tuple_or_expression();
        } else {
            Node first = tuple_or_expression();
            if (accept("=")) {
                set_targets(first, statement);
                statement.value = tuple_or_expression();
            } else {
                statement.value = std::move(first);
            }
        }
        expect_end();
        return statement;
    }

    Node whole_expression() {
        Node node = tuple_or_expression();
        expect_end();
        return node;
    }

private:
    /// Counts how deeply calls of the parser are nested.
    class Level {
    public:
        explicit Level(Parser& parser) : depth_(parser.depth_) {
            if (++depth_ > limits::expression_depth)
                fail(Code::refused, "column ", parser.peek().column, ": an expression nested deeper than ",
                     limits::expression_depth, " levels");
        }
        ~Level() { --depth_; }

    private:
        std::size_t& depth_;
    };

    const Token& peek() const { return tokens_[at_]; }

    bool is(std::string_view symbol) const { return peek().kind == Token::Kind::symbol && peek().text == symbol; }
    bool is_word(std::string_view word) const { return peek().kind == Token::Kind::name && peek().text == word; }

    bool accept(std::string_view symbol) {
        if (!is(symbol)) return false;
        ++at_;
        return true;
    }
    bool accept_word(std::string_view word) {
        if (!is_word(word)) return false;
        ++at_;
        return true;
    }
    void expect(std::string_view symbol) {
        if (!accept(symbol)) fail_here(cat("wanted '", symbol, "', found ", found()));
    }
    void expect_end() {
        if (peek().kind != Token::Kind::end) fail_here("wanted the end, found " + found());
    }

    std::string found() const {
        if (peek().kind == Token::Kind::end) return "the end";
        return peek().kind == Token::Kind::literal ? excerpt(peek().value) : "'" + peek().text + "'";
    }
    [[noreturn]] void fail_here(const std::string& message) const { fail_at(peek().column, message); }

    static void set_targets(const Node& node, Statement& statement) {
        statement.unpacks = node.kind == Kind::tuple;
        const std::vector<Node> single = {node};
        for (const Node& target : statement.unpacks ? node.items : single) {
            if (target.kind != Kind::name) fail_at(target.column, "wanted the name of a variable before '='");
            statement.targets.push_back(target.text);
        }
    }

    /// A comma makes a tuple, as around "=" and "return" and inside subscripts.
    Node tuple_or_expression() {
        return separated(peek().column, [this] { return expression(); });
    }

    template <class Item>
    Node separated(std::size_t column, const Item& item) {
        Node first = item();
        if (!is(",")) return first;
        std::vector<Node> items = {std::move(first)};
        while (accept(","))
            if (begins_expression()) items.push_back(item());
        return make_node(Kind::tuple, column, "", std::move(items));
    }

    bool begins_expression() const {
        if (peek().kind == Token::Kind::end) return false;
        return peek().kind != Token::Kind::symbol || is("(") || is("[") || is("-") || is("+") || is("...") || is(":");
    }

    Node expression() {
        const Level level(*this);
        const std::size_t column = peek().column;
        Node value = disjunction();
        if (!accept_word("if")) return value;
        Node condition = disjunction();
        if (!accept_word("else")) fail_here("wanted 'else', found " + found());
        Node other = expression();
        return make_node(Kind::conditional, column, "", {std::move(condition), std::move(value), std::move(other)});
    }

    Node disjunction() {
        Node left = conjunction();
        for (std::size_t column = peek().column; accept_word("or"); column = peek().column)
            left = make_node(Kind::binary, column, "or", {std::move(left), conjunction()});
        return left;
    }

    Node conjunction() {
        Node left = negation();
        for (std::size_t column = peek().column; accept_word("and"); column = peek().column)
            left = make_node(Kind::binary, column, "and", {std::move(left), negation()});
        return left;
    }

    Node negation() {
        const Level level(*this);
        const std::size_t column = peek().column;
        if (accept_word("not")) return make_node(Kind::unary, column, "not", {negation()});
        return comparison();
    }

    Node comparison() {
        Node left = sum();
        const std::size_t column = peek().column;
        const std::string symbol = accept_any({"==", "!=", "<=", ">=", "<", ">"});
        if (!symbol.empty()) left = make_node(Kind::binary, column, symbol, {std::move(left), sum()});
        else if (accept_word("is")) {
            const std::string name = accept_word("not") ? "is not" : "is";
            left = make_node(Kind::binary, column, name, {std::move(left), sum()});
        }
        if (is("==") || is("!=") || is("<=") || is(">=") || is("<") || is(">") || is_word("is"))
            fail_here("comparisons cannot be chained");
        return left;
    }

    std::string accept_any(std::initializer_list<std::string_view> options) {
        for (const std::string_view option : options)
            if (accept(option)) return std::string(option);
        return "";
    }

    template <class Operand>
    Node left_to_right(std::initializer_list<std::string_view> options, const Operand& operand) {
        Node left = operand();
        std::size_t column = peek().column;
        for (std::string symbol = accept_any(options); !symbol.empty(); symbol = accept_any(options)) {
            left = make_node(Kind::binary, column, symbol, {std::move(left), operand()});
            column = peek().column;
        }
        return left;
    }

    Node sum() {
        return left_to_right({"+", "-"}, [this] { return product(); });
    }
    Node product() {
        return left_to_right({"*", "//", "/", "%", "@"}, [this] { return factor(); });
    }

    Node factor() {
        const Level level(*this);
        const std::size_t column = peek().column;
        const std::string sign = accept_any({"-", "+"});
        if (!sign.empty()) return make_node(Kind::unary, column, sign, {factor()});
        return power();
    }

    Node power() {
        Node base = postfix();
        const std::size_t column = peek().column;
        if (!accept("**")) return base;
        return make_node(Kind::binary, column, "**", {std::move(base), factor()});
    }

    Node postfix() {
        Node node = atom();
        for (std::size_t applied = 0;; ++applied) {
            if (applied > limits::expression_depth) fail_here("too many calls, attributes and subscripts in a row");
            const std::size_t column = peek().column;
            if (accept(".")) {
                const std::size_t begin = node.column;
                node = make_node(Kind::attribute, begin, name("an attribute"), {std::move(node)});
            } else if (accept("(")) {
                node = call(std::move(node));
            } else if (accept("[")) {
                Node key = separated(peek().column, [this] { return slice_or_expression(); });
                expect("]");
                node = make_node(Kind::subscript, column, "", {std::move(node), std::move(key)});
            } else {
                return node;
            }
        }
    }

    std::string name(const char* what) {
        if (peek().kind != Token::Kind::name || is_keyword(peek().text))
            fail_here(cat("wanted the name of ", what, ", found ", found()));
        return tokens_[at_++].text;
    }

    Node call(Node callee) {
        const std::size_t column = callee.column;
        std::vector<Node> items = {std::move(callee)};
        std::vector<std::string> names;
        while (!accept(")")) {
            const bool by_keyword = peek().kind == Token::Kind::name && tokens_[at_ + 1].kind == Token::Kind::symbol &&
                                    tokens_[at_ + 1].text == "=";
            if (by_keyword) {
                names.push_back(name("an argument"));
                expect("=");
            } else if (!names.empty()) {
                fail_here("an argument without a name behind one with a name");
            }
            items.push_back(expression());
            if (!is(")")) expect(",");
        }
        Node call = make_node(Kind::call, column, "", std::move(items));
        call.keywords = std::move(names);
        return call;
    }

    Node slice_or_expression() {
        const std::size_t column = peek().column;
        Node first = is(":") ? make_constant({}, column) : expression();
        if (!accept(":")) return first;
        std::vector<Node> parts = {std::move(first)};
        parts.push_back(bound());
        parts.push_back(accept(":") ? bound() : make_constant({}, column));
        return make_node(Kind::slice, column, "", std::move(parts));
    }

    Node bound() { return is(":") || is(",") || is("]") ? make_constant({}, peek().column) : expression(); }

    Node atom() {
        const std::size_t column = peek().column;
        if (peek().kind == Token::Kind::literal) return make_constant(tokens_[at_++].value, column);
        if (peek().kind == Token::Kind::name) return named(column);
        if (accept("...")) return make_constant(Value::object({{"class_name", "__ellipsis__"}}), column);
        if (accept("(")) return parenthesis(column);
        if (accept("[")) return make_node(Kind::list, column, "", items_until("]"));
        fail_here("wanted a value, found " + found());
    }

    Node named(std::size_t column) {
        if (accept_word("True")) return make_constant(true, column);
        if (accept_word("False")) return make_constant(false, column);
        if (accept_word("None")) return make_constant({}, column);
        if (is_keyword(peek().text)) fail_here(cat("'", peek().text, "' is not supported here"));
        return {.kind = Kind::name, .column = column, .text = tokens_[at_++].text};
    }

    Node parenthesis(std::size_t column) {
        if (accept(")")) return make_node(Kind::tuple, column, "", {});
        Node node = tuple_or_expression();
        expect(")");
        return node;
    }

    std::vector<Node> items_until(std::string_view end) {
        std::vector<Node> items;
        while (!accept(end)) {
            items.push_back(expression());
            if (!is(end)) expect(",");
        }
        return items;
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
};

}  // namespace

Node parse_expression(std::string_view text) { return Parser(text).whole_expression(); }

Statement parse_statement(std::string_view text, std::string place) {
    Statement statement = Parser(text).statement();
    statement.place = std::move(place);
    return statement;
}

}  // namespace layerctl::expressions
