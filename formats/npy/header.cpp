#include "formats/npy/header.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>

#include "models/error.hpp"

namespace layerctl::formats {
namespace {

/// Walks over the subset of Python literals numpy writes: one dict of strings, booleans and tuples of integers.
class Literal {
public:
    explicit Literal(std::string_view text) : text_(text) {}

    bool accept(char c) {
        const bool found = peek() == c;
        if (found) ++at_;
        return found;
    }

    void expect(char c) {
        if (!accept(c)) wrong(cat("'", c, "'"));
    }

    /// The next character that is no blank; '\0' at the end.
    char peek() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    std::string_view string() {
        const char quote = peek();
        if (quote != '\'' && quote != '"') wrong("a string");
        const std::size_t end = text_.find(quote, at_ + 1);
        if (end == std::string_view::npos) wrong("the end of a string");
        const std::string_view value = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return value;
    }

    bool boolean() {
        peek();
        for (const auto& [word, value] : {std::pair("True", true), std::pair("False", false)})
            if (text_.substr(at_).starts_with(word)) {
                at_ += std::string_view(word).size();
                return value;
            }
        wrong("True or False");
    }

    std::int64_t integer() {
        peek();
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
        if (error != std::errc()) wrong("an integer of 64 bits");
        at_ = static_cast<std::size_t>(end - text_.data());
        if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // Python 2
        return value;
    }

    [[noreturn]] void wrong(const std::string& wanted) {
        std::string found(text_.substr(std::min(at_, text_.size()), 20));
        fail(Code::format, "npy header is not a literal dictionary: wanted ", wanted, ", found ",
             peek() == '\0' ? "its end" : "'" + found + "'");
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

Shape parse_shape(Literal& in) {
    std::vector<std::int64_t> dims;
    in.expect('(');
    while (!in.accept(')')) {
        if (const std::int64_t dim = in.integer(); dim >= 0) dims.push_back(dim);
        else fail(Code::format, "npy header has the negative dimension ", dim);
        if (!in.accept(',') && in.peek() != ')') in.wrong("',' or ')'");
    }
    return Shape(std::move(dims));
}

struct NumberType {
    std::string_view code;  // kind and bytes, as in '<f4'
    DType dtype;
};

constexpr std::array<NumberType, 13> number_types = {{
    {"f2", DType::float16},
    {"f4", DType::float32},
    {"f8", DType::float64},
    {"i1", DType::int8},
    {"i2", DType::int16},
    {"i4", DType::int32},
    {"i8", DType::int64},
    {"u1", DType::uint8},
    {"u2", DType::uint16},
    {"u4", DType::uint32},
    {"u8", DType::uint64},
    {"b1", DType::boolean},
    {"V2", DType::bfloat16},  // numpy has no bfloat16: Keras' arrays of it arrive as two opaque bytes
}};

struct RefusedKind {
    char kind;
    Code code;
    std::string_view name;
};

constexpr std::array<RefusedKind, 5> refused_kinds = {{
    {'O', Code::refused, "object (pickled Python objects are not read)"},
    {'c', Code::unsupported, "complex"},
    {'M', Code::unsupported, "datetime"},
    {'m', Code::unsupported, "timedelta"},
    {'V', Code::unsupported, "structured or void"},
}};

std::size_t text_width(std::string_view digits, std::size_t unit) {
    std::size_t width = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), width);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || width > UINT32_MAX)
        fail(Code::format, "npy header: wanted a string width, found '", digits, "'");
    return width * unit;
}

[[noreturn]] void fail_type(std::string_view descr, char kind) {
    for (const RefusedKind& refused : refused_kinds)
        if (refused.kind == kind)
            fail(refused.code, "npy dtype '", descr, "': ", refused.name, " arrays are unsupported");
    fail(Code::unsupported, "npy dtype '", descr, "' is unsupported");
}

// "<f4": byte order, kind, bytes per element (for U: characters).
void parse_descr(std::string_view descr, NpyHeader& header) {
    std::string_view code = descr;
    if (!code.empty() && std::string_view("<>|=").find(code.front()) != std::string_view::npos) code.remove_prefix(1);
    header.big_endian = descr.starts_with('>');
    if (code.starts_with('S') || code.starts_with('U')) {
        header.dtype = DType::string;
        header.text = code.front() == 'S' ? NpyHeader::Text::bytes : NpyHeader::Text::unicode;
        header.item_size = text_width(code.substr(1), code.front() == 'S' ? 1 : 4);
        return;
    }
    for (const NumberType& type : number_types)
        if (type.code == code) {
            header.dtype = type.dtype;
            header.item_size = dtype_size(type.dtype);
            return;
        }
    fail_type(descr, code.empty() ? '\0' : code.front());
}

}  // namespace

NpyHeader parse_npy_header(std::string_view dict) {
    NpyHeader header;
    std::optional<std::string_view> descr;
    std::optional<bool> fortran_order;
    std::optional<Shape> shape;
    Literal in(dict);
    in.expect('{');
    while (!in.accept('}')) {
        const std::string_view key = in.string();
        in.expect(':');
        if (key == "descr" && !descr) {
            if (in.peek() == '[') fail(Code::unsupported, "npy array with a structured dtype, wanted plain numbers");
            descr = in.string();
        } else if (key == "fortran_order" && !fortran_order) fortran_order = in.boolean();
        else if (key == "shape" && !shape) shape = parse_shape(in);
        else fail(Code::format, "npy header: wanted 'descr', 'fortran_order' and 'shape' once each, found '", key, "'");
        if (!in.accept(',') && in.peek() != '}') in.wrong("',' or '}'");
    }
    if (in.peek() != '\0') in.wrong("its end");
    if (!descr || !fortran_order || !shape) fail(Code::format, "npy header lacks 'descr', 'fortran_order' or 'shape'");
    parse_descr(*descr, header);
    header.fortran_order = *fortran_order;
    header.shape = std::move(*shape);
    return header;
}

std::string npy_descr(DType dtype) {
    for (const NumberType& type : number_types)
        if (type.dtype == dtype) return cat(dtype_size(dtype) == 1 ? '|' : '<', type.code);
    fail(Code::internal, "no npy dtype for ", dtype);
}

}  // namespace layerctl::formats
