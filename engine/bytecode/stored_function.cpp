#include "engine/bytecode/stored_function.hpp"

#include <cstdint>
#include <string_view>

#include "models/base64.hpp"
#include "models/error.hpp"

namespace layerctl::bytecode {
namespace {

/// The next code point of UTF-8 text; a byte that is none stands for itself.
std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
    const std::uint32_t first = byte(at);
    const std::size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    std::uint32_t point = more == 0 ? first : first & (0x3fu >> more);
    for (std::size_t i = 1; i <= more && at + i < text.size(); ++i) point = point << 6 | (byte(at + i) & 0x3f);
    at += more + 1;
    return point;
}

/// Python's raw_unicode_escape: Latin-1, and \uXXXX or \UXXXXXXXX for what is beyond.
std::string raw_unicode_escape(std::string_view text) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string bytes;
    for (std::size_t at = 0; at < text.size();) {
        const std::uint32_t point = next_code_point(text, at);
        if (point < 0x100) {
            bytes += static_cast<char>(point);
            continue;
        }
        const int size = point < 0x10000 ? 4 : 8;
        bytes += size == 4 ? "\\u" : "\\U";
        for (int shift = 4 * (size - 1); shift >= 0; shift -= 4) bytes += digits[point >> shift & 0xf];
    }
    return bytes;
}

/// Base64, or before Keras 2.0.5 the bytes as text.
std::string bytes_of(const std::string& text) {
    if (std::optional<std::string> bytes = from_base64(text)) return std::move(*bytes);
    return raw_unicode_escape(text);
}

StoredFunction of_parts(const std::string& code, const Value* defaults, const Value* captured) {
    return {bytes_of(code), defaults == nullptr ? Value() : *defaults, captured == nullptr ? Value() : *captured};
}

}  // namespace

std::optional<StoredFunction> stored_function(const Value& function, const std::string& function_type) {
    if (const Value::Array* parts = function.array(); parts != nullptr && parts->size() == 3) {
        if (const std::string* code = (*parts)[0].string()) return of_parts(*code, &(*parts)[1], &(*parts)[2]);
    }
    if (function.string() != nullptr && function_type == "lambda")
        return of_parts(*function.string(), nullptr, nullptr);
    const Value* config = function.find("config");
    if (function.string_at("class_name") != "__lambda__" || config == nullptr) return std::nullopt;
    const Value* code = config->find("code");
    if (code == nullptr || code->string() == nullptr) return std::nullopt;
    return of_parts(*code->string(), config->find("defaults"), config->find("closure"));
}

}  // namespace layerctl::bytecode
