// Text of an expression -> tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/value.hpp"

namespace layerctl::expressions {

struct Token {
    enum class Kind { name, literal, symbol, end };

    Kind kind = Kind::end;
    std::size_t column = 0;  // from 1, in bytes
    std::string text;        // of a name or symbol
    Value value;             // of a number or string
};

/// The tokens and an `end`. Unknown characters, unfinished strings and numbers that fit no type are Code::config with
/// their column; a text longer than the limit is Code::refused.
std::vector<Token> tokens_of(std::string_view text);

/// Code::config, framed by the column.
[[noreturn]] void fail_at(std::size_t column, const std::string& message);

}  // namespace layerctl::expressions
