// parse_json: nlohmann's event parser checks the text and yields values; a cursor of our own over the source finds
// spans.
#include "formats/json/text.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "models/error.hpp"
#include "models/limits.hpp"

namespace layerctl::formats {
namespace {

using nlohmann::json;

constexpr std::string_view number_characters = "+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// "line 3, column 14" of a byte offset, both from 1; columns count bytes.
std::string position(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t newline = before.rfind('\n');
    return cat("line ", line, ", column ", newline == std::string_view::npos ? offset + 1 : offset - newline);
}

/// The offset just behind the string literal that opens at `begin`.
std::size_t string_end(std::string_view text, std::size_t begin) {
    std::size_t i = begin + 1;
    while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
    return std::min(i + 1, text.size());
}

/// A copy in which Python's NaN and Infinity outside strings are plain numbers of the same length.
std::string without_python_numbers(std::string_view text) {
    std::string plain(text);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') i = string_end(text, i) - 1;
        else if (text.substr(i, 3) == "NaN") plain.replace(i, 3, "0.0");
        else if (text.substr(i, 8) == "Infinity") plain.replace(i, 8, "0.000000");
    }
    return plain;
}

/// The part of nlohmann's message behind its codes and its own position; in ASCII, as it may quote malformed UTF-8.
std::string reason(std::string_view message) {
    for (const std::string_view mark : {"] ", " - "})
        if (const std::size_t at = message.find(mark); at != std::string_view::npos)
            message.remove_prefix(at + mark.size());
    std::string text(message);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    return text;
}

/// Steps through the source from one token to the next, in the order the parser reports them.
class Cursor {
public:
    explicit Cursor(std::string_view text) : text_(text) {}

    /// Moves past the next token, a bracket or a literal, and returns its span.
    SourceSpan next() {
        skip(" \t\r\n,:");
        const std::size_t begin = at_;
        if (at_ < text_.size() && text_[at_] == '"') at_ = string_end(text_, at_);
        else if (skip(number_characters); at_ == begin) ++at_;
        return {begin, at_};
    }

    std::string_view slice(const SourceSpan& span) const { return text_.substr(span.begin, span.end - span.begin); }

private:
    void skip(std::string_view characters) { at_ = std::min(text_.find_first_not_of(characters, at_), text_.size()); }

    std::string_view text_;
    std::size_t at_ = 0;
};

/// Builds the tree from the parser's events. Containers under construction stand on a stack: deep input cannot recurse.
class Builder final : public nlohmann::json_sax<json> {
public:
    explicit Builder(std::string_view text) : text_(text), cursor_(text) {}

    Value take() { return std::move(root_); }

    bool null() override { return add(Value()); }
    bool boolean(bool value) override { return add(Value(value)); }
    bool number_integer(number_integer_t value) override { return add(Value(std::int64_t{value})); }
    bool number_unsigned(number_unsigned_t value) override {
        if (value <= std::uint64_t{std::numeric_limits<std::int64_t>::max()})
            return add(Value(static_cast<std::int64_t>(value)));
        return add(Value(static_cast<double>(value)));
    }
    bool number_float(number_float_t value, const string_t&) override {
        const SourceSpan span = cursor_.next();
        return place(Value(python_number(span, value)), span);
    }
    bool string(string_t& value) override { return add(Value(std::move(value))); }
    bool binary(binary_t&) override { return false; }

    bool start_object(std::size_t) override { return open(Value(Value::Object{})); }
    bool start_array(std::size_t) override { return open(Value(Value::Array{})); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& value) override {
        cursor_.next();
        open_.back().key = std::move(value);
        return true;
    }

    bool parse_error(std::size_t offset, const std::string&, const json::exception& error) override {
        fail(Code::format, position(text_, offset == 0 ? 0 : offset - 1), ": not valid JSON: ", reason(error.what()));
    }

private:
    struct Open {
        Value value;
        std::size_t begin;
        std::string key;  // of the member that comes next
    };

    bool add(Value value) { return place(std::move(value), cursor_.next()); }

    bool place(Value value, SourceSpan span) {
        value.set_span(span);
        if (open_.empty()) root_ = std::move(value);
        else if (Value::Array* items = open_.back().value.array()) items->push_back(std::move(value));
        else open_.back().value.object()->emplace_back(std::move(open_.back().key), std::move(value));
        return true;
    }

    bool open(Value value) {
        const SourceSpan bracket = cursor_.next();
        if (open_.size() == limits::json_depth)
            fail(Code::refused, position(text_, bracket.begin), ": JSON is nested deeper than ", limits::json_depth,
                 " levels");
        open_.push_back({std::move(value), bracket.begin, {}});
        return true;
    }

    bool close() {
        const std::size_t end = cursor_.next().end;
        Open closed = std::move(open_.back());
        open_.pop_back();
        return place(std::move(closed.value), {closed.begin, end});
    }

    /// The value of a number token, which in the source may be one of Python's words.
    double python_number(const SourceSpan& span, double parsed) const {
        const std::string_view word = cursor_.slice(span);
        if (word.find_first_of("NI") == std::string_view::npos) return parsed;
        if (word == "NaN") return std::numeric_limits<double>::quiet_NaN();
        if (word == "Infinity") return std::numeric_limits<double>::infinity();
        if (word == "-Infinity") return -std::numeric_limits<double>::infinity();
        fail(Code::format, position(text_, span.begin), ": not valid JSON: wanted a number, found '", word, "'");
    }

    std::string_view text_;
    Cursor cursor_;
    std::vector<Open> open_;
    Value root_;
};

void check_encoding(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) fail(Code::format, "wanted JSON in plain UTF-8, found a byte order mark");
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
        text.substr(0, 4).find('\0') != std::string_view::npos)
        fail(Code::format, "wanted JSON in UTF-8, found UTF-16 or binary data");
}

}  // namespace

Config parse_json(std::string text) {
    if (text.size() > limits::json_bytes)
        fail(Code::refused, "JSON text of ", text.size(), " bytes, the limit is ", limits::json_bytes);
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        fail(Code::format, "wanted a JSON document, found nothing");
    check_encoding(text);
    const auto source = std::make_shared<const std::string>(std::move(text));
    Builder builder(*source);
    json::sax_parse(without_python_numbers(*source), &builder);
    return Config(builder.take(), source);
}

}  // namespace layerctl::formats
