#include "engine/bytecode/marshal.hpp"

#include <bit>
#include <charconv>
#include <cstdlib>

#include "engine/bytecode/code_object.hpp"
#include "models/limits.hpp"

namespace layerctl::bytecode {
namespace {

using Kind = Object::Kind;

/// Latin-1 as UTF-8.
std::string from_latin1(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            text += c;
        } else {
            text += static_cast<char>(0xc0 | byte >> 6);
            text += static_cast<char>(0x80 | (byte & 0x3f));
        }
    }
    return text;
}

std::size_t utf8_length(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first < 0xe0) return 2;
    if (first >= 0xe0 && first < 0xf0) return 3;
    if (first >= 0xf0 && first < 0xf5) return 4;
    return 0;
}

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t n = utf8_length(static_cast<unsigned char>(text[i]));
        if (n == 0 || i + n > text.size()) return false;
        for (std::size_t k = 1; k < n; ++k)
            if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
        i += n;
    }
    return true;
}

class Reader final : public CodeFields {
public:
    Reader(std::string_view bytes, Layout layout) : bytes_(bytes), layout_(layout) {}

    ObjectPtr whole() {
        ObjectPtr object = next_object();
        if (at_ != bytes_.size()) misfit(bytes_.size() - at_, " bytes are left");
        return object;
    }

    std::int64_t next_integer() override { return static_cast<std::int32_t>(unsigned_number(4)); }

    ObjectPtr next_object() override {
        if (++depth_ > limits::bytecode_depth) misfit("objects nested too deeply");
        if (++count_ > limits::bytecode_objects) misfit("too many objects");
        const std::uint64_t first = unsigned_number(1);
        const char type = static_cast<char>(first & 0x7f);
        const bool remembered = (first & 0x80) != 0;
        if (remembered && layout_ == Layout::python2_7) misfit("a type with the flag of later versions");
        std::size_t place = references_.size();
        const bool holds_others = std::string_view("([<>{:c").find(type) != std::string_view::npos || type == ')';
        if (remembered && holds_others) references_.emplace_back();
        ObjectPtr object = read(type);
        if (remembered && holds_others) references_[place] = object;
        else if (remembered) references_.push_back(object);
        --depth_;
        return object;
    }

private:
    bool is_python2() const { return layout_ == Layout::python2_7; }

    std::string_view take(std::int64_t size) {
        if (size < 0 || static_cast<std::uint64_t>(size) > bytes_.size() - at_) misfit("wanted ", size, " more bytes");
        const std::string_view taken = bytes_.substr(at_, static_cast<std::size_t>(size));
        at_ += static_cast<std::size_t>(size);
        return taken;
    }

    std::uint64_t unsigned_number(std::size_t size) {
        std::uint64_t number = 0;
        const std::string_view bytes = take(static_cast<std::int64_t>(size));
        for (std::size_t i = size; i > 0; --i) number = number << 8 | static_cast<unsigned char>(bytes[i - 1]);
        return number;
    }

    std::int64_t byte() { return static_cast<std::int64_t>(unsigned_number(1)); }

    static ObjectPtr made(Object object) {
        for (const ObjectPtr& item : object.items) object.depth = std::max(object.depth, item->depth + 1);
        if (object.depth > limits::bytecode_depth) misfit("objects nested too deeply");
        return std::make_shared<const Object>(std::move(object));
    }

    static ObjectPtr integer(std::int64_t value) { return made({.kind = Kind::integer, .integer = value}); }
    static ObjectPtr text(std::string value) { return made({.kind = Kind::text, .text = std::move(value)}); }

    ObjectPtr utf8(std::string_view bytes) const {
        if (is_utf8(bytes)) return text(std::string(bytes));
        if (!is_python2()) misfit("a text that is not UTF-8");
        return text(from_latin1(bytes));
    }

    ObjectPtr read(char type) {
        switch (type) {
            case 'N': return made({});
            case 'T': return made({.kind = Kind::boolean, .boolean = true});
            case 'F': return made({.kind = Kind::boolean});
            case '.': return made({.kind = Kind::ellipsis});
            case 'i': return integer(next_integer());
            case 'I': return integer(static_cast<std::int64_t>(unsigned_number(8)));
            case 'l': return long_integer();
            case 'g': return made({.kind = Kind::number, .number = std::bit_cast<double>(unsigned_number(8))});
            case 'f': return written_number(take(byte()));
            case 'y': return take(16), made({.kind = Kind::other, .text = "a complex number"});
            case 's': return made({.kind = Kind::bytes, .text = std::string(take(next_integer()))});
            case 't': return interned();
            case 'R': return interned_reference();
            case 'u': return utf8(take(next_integer()));
            case 'a':
            case 'A': return text(from_latin1(take(next_integer())));
            case 'z':
            case 'Z': return text(from_latin1(take(byte())));
            case '(': return sequence(Kind::tuple, next_integer());
            case ')': return sequence(Kind::tuple, byte());
            case '[': return sequence(Kind::list, next_integer());
            case '<':
            case '>': return sequence(Kind::set, next_integer());
            case ':': return sequence(Kind::slice, 3);
            case 'r': return reference();
            case 'c': return code();
            default: misfit("an object of type ", static_cast<int>(type));
        }
    }

    /// Digits of 15 bits. What is beyond 64 bits becomes an object that no constant can be made of.
    ObjectPtr long_integer() {
        const std::int64_t size = next_integer(), digits = size < 0 ? -size : size;
        const std::string_view bytes = take(2 * digits);
        unsigned __int128 value = 0;
        for (std::int64_t i = digits; i > 0; --i) {
            const auto at = static_cast<std::size_t>(2 * (i - 1));
            const unsigned digit = static_cast<unsigned char>(bytes[at]) |
                                   static_cast<unsigned>(static_cast<unsigned char>(bytes[at + 1])) << 8;
            if (digit >> 15 != 0) misfit("a digit of a long integer beyond 15 bits");
            value = value << 15 | digit;
            if (value >> 63 != 0) return made({.kind = Kind::other, .text = "an integer beyond 64 bits"});
        }
        const auto magnitude = static_cast<std::int64_t>(value);
        return integer(size < 0 ? -magnitude : magnitude);
    }

    static ObjectPtr written_number(std::string_view digits) {
        double value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc() || end != digits.data() + digits.size()) misfit("a number that cannot be read");
        return made({.kind = Kind::number, .number = value});
    }

    ObjectPtr interned() {
        ObjectPtr object = utf8(take(next_integer()));
        if (is_python2()) interned_.push_back(object);
        return object;
    }

    ObjectPtr interned_reference() {
        const std::int64_t index = next_integer();
        if (!is_python2() || index < 0 || static_cast<std::size_t>(index) >= interned_.size())
            misfit("a reference to an unknown text");
        return interned_[static_cast<std::size_t>(index)];
    }

    ObjectPtr reference() {
        const std::int64_t index = next_integer();
        if (index < 0 || static_cast<std::size_t>(index) >= references_.size()) misfit("a reference to nothing");
        ObjectPtr object = references_[static_cast<std::size_t>(index)];
        if (object == nullptr) misfit("an object that holds itself");
        return object;
    }

    ObjectPtr sequence(Kind kind, std::int64_t size) {
        if (size < 0 || static_cast<std::uint64_t>(size) > bytes_.size() - at_) misfit("wanted ", size, " objects");
        Object object{.kind = kind};
        for (std::int64_t i = 0; i < size; ++i) object.items.push_back(next_object());
        return made(std::move(object));
    }

    ObjectPtr code() {
        return made({.kind = Kind::code, .code = std::make_shared<const CodeObject>(read_code(layout_, *this))});
    }

    std::string_view bytes_;
    Layout layout_;
    std::size_t at_ = 0, depth_ = 0, count_ = 0;
    std::vector<ObjectPtr> references_, interned_;
};

}  // namespace

ObjectPtr read_marshal(std::string_view bytes, Layout layout) { return Reader(bytes, layout).whole(); }

}  // namespace layerctl::bytecode
