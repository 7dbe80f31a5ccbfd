#include "engine/expressions/python.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "models/error.hpp"
#include "models/limits.hpp"

namespace layerctl::expressions {
namespace {

[[noreturn]] void refuse(const std::string& symbol, const Item& x, const Item& y) {
    fail(Code::unsupported, "operator '", symbol, "' between ", described(x), " and ", described(y));
}

void require_bounded(std::size_t size) {
    if (size > limits::sequence_items)
        fail(Code::refused, "a sequence of more than ", limits::sequence_items, " items");
}

[[noreturn]] void overflow() { fail(Code::refused, "an integer beyond 64 bits"); }

bool is_integer(const Value& value) { return value.integer() != nullptr || value.boolean() != nullptr; }
bool is_number(const Value& value) { return is_integer(value) || value.number() != nullptr; }

std::int64_t integer_of(const Value& value) {
    return value.boolean() != nullptr ? std::int64_t{*value.boolean()} : *value.integer();
}
double number_of(const Value& value) {
    return value.number() != nullptr ? *value.number() : static_cast<double>(integer_of(value));
}

template <class T>
std::optional<bool> compared(const std::string& symbol, const T& x, const T& y) {
    if (symbol == "==") return x == y;
    if (symbol == "!=") return x != y;
    if (symbol == "<") return x < y;
    if (symbol == "<=") return x <= y;
    if (symbol == ">") return x > y;
    if (symbol == ">=") return x >= y;
    return std::nullopt;
}

double floor_remainder(double x, double y) {
    const double rest = std::fmod(x, y);
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

/// As Python divides: exact where the remainder says so, not where the quotient was rounded.
double floor_quotient(double x, double y) {
    double rest = std::fmod(x, y);
    double quotient = (x - rest) / y;
    if (rest != 0 && (rest < 0) != (y < 0)) quotient -= 1;
    if (quotient == 0) return std::copysign(0.0, x / y);
    const double whole = std::floor(quotient);
    return quotient - whole > 0.5 ? whole + 1 : whole;
}

std::int64_t integer_power(std::int64_t base, std::int64_t exponent) {
    std::int64_t result = 1;
    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2 == 1 && __builtin_mul_overflow(result, base, &result)) overflow();
        if (exponent > 1 && __builtin_mul_overflow(base, base, &base)) overflow();
    }
    return result;
}

std::int64_t floor_quotient(std::int64_t x, std::int64_t y) {
    if (y == -1) {
        std::int64_t result = 0;
        if (__builtin_sub_overflow(std::int64_t{0}, x, &result)) overflow();
        return result;
    }
    return x / y - (x % y != 0 && (x < 0) != (y < 0) ? 1 : 0);
}

std::optional<Value> of_integers(const std::string& symbol, std::int64_t x, std::int64_t y) {
    std::int64_t result = 0;
    bool overflows = false;
    if (symbol == "+") overflows = __builtin_add_overflow(x, y, &result);
    else if (symbol == "-") overflows = __builtin_sub_overflow(x, y, &result);
    else if (symbol == "*") overflows = __builtin_mul_overflow(x, y, &result);
    else if (symbol == "**" && y >= 0) result = integer_power(x, y);
    else if (symbol == "//") result = floor_quotient(x, y);
    else if (symbol == "%") result = y == -1 ? 0 : (x % y + y) % y;
    else return std::nullopt;
    if (overflows) overflow();
    return result;
}

std::optional<Value> of_floats(const std::string& symbol, double x, double y) {
    if (symbol == "+") return x + y;
    if (symbol == "-") return x - y;
    if (symbol == "*") return x * y;
    if (symbol == "/") return x / y;
    if (symbol == "//") return floor_quotient(x, y);
    if (symbol == "%") return floor_remainder(x, y);
    if (symbol == "**") return std::pow(x, y);
    return std::nullopt;
}

std::optional<Value> of_numbers(const std::string& symbol, const Value& x, const Value& y) {
    const bool divides = symbol == "/" || symbol == "//" || symbol == "%";
    if (divides && number_of(y) == 0) fail(Code::config, "a division by zero");
    if (const auto result = is_integer(x) && is_integer(y) ? compared(symbol, integer_of(x), integer_of(y))
                                                           : compared(symbol, number_of(x), number_of(y)))
        return *result;
    if (is_integer(x) && is_integer(y))
        if (auto result = of_integers(symbol, integer_of(x), integer_of(y))) return result;
    return of_floats(symbol, number_of(x), number_of(y));
}

std::optional<Value> of_strings(const std::string& symbol, const std::string& x, const std::string& y) {
    if (symbol == "+") {
        require_bounded(x.size() + y.size());
        return x + y;
    }
    if (const auto result = compared(symbol, x, y)) return *result;
    return std::nullopt;
}

bool both_null_or_not(const Item& x, const Item& y, const std::string& symbol) {
    if (!x.is_null() && !y.is_null()) refuse(symbol, x, y);
    return x.is_null() && y.is_null();
}

std::optional<std::int64_t> bound(const Item& item) {
    if (item.is_null()) return std::nullopt;
    if (!item.is_constant() || item.constant.integer() == nullptr)
        fail(Code::unsupported, "wanted a slice between integers, found ", described(item));
    return *item.constant.integer();
}

std::vector<Item> sliced(const std::vector<Item>& items, const Item& slice) {
    const auto n = static_cast<std::int64_t>(items.size());
    const std::int64_t step = bound(slice.items[2]).value_or(1);
    if (step != 1) fail(Code::unsupported, "a slice with a step of a tuple or list");
    const auto clamped = [n](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + n : at, 0, n); };
    const std::int64_t start = clamped(bound(slice.items[0]).value_or(0));
    const std::int64_t stop = std::max(start, clamped(bound(slice.items[1]).value_or(n)));
    return {items.begin() + start, items.begin() + stop};
}

}  // namespace

bool truth_of(const Item& item) {
    if (item.is_tensor()) fail(Code::unsupported, "a condition on a tensor; `where` chooses between elements");
    if (item.kind == Item::Kind::unspecific) fail(Code::unsupported, "a condition on a dtype");
    if (const auto items = as_sequence(item)) return !items->empty();
    const Value& value = item.constant;
    if (value.string() != nullptr) return !value.string()->empty();
    return value.object() != nullptr || (is_number(value) && number_of(value) != 0);
}

Item python_unary(const std::string& symbol, const Item& x) {
    if (symbol == "not") return constant_item(!truth_of(x));
    if (!x.is_constant() || !is_number(x.constant))
        fail(Code::unsupported, "operator '", symbol, "' of ", described(x));
    if (symbol == "+") return x;
    return python_binary("-", constant_item(0), x);
}

Item python_binary(const std::string& symbol, const Item& x, const Item& y) {
    if (symbol == "is") return constant_item(both_null_or_not(x, y, symbol));
    if (symbol == "is not") return constant_item(!both_null_or_not(x, y, symbol));
    if (auto left = as_sequence(x), right = as_sequence(y); symbol == "+" && left && right) {
        require_bounded(left->size() + right->size());
        left->insert(left->end(), right->begin(), right->end());
        return sequence_item(std::move(*left));
    }
    std::optional<Value> result;
    if (x.is_constant() && y.is_constant()) {
        if (is_number(x.constant) && is_number(y.constant)) result = of_numbers(symbol, x.constant, y.constant);
        else if (x.constant.string() != nullptr && y.constant.string() != nullptr)
            result = of_strings(symbol, *x.constant.string(), *y.constant.string());
        else if (symbol == "==" || symbol == "!=") result = (x.constant == y.constant) == (symbol == "==");
    }
    if (!result) refuse(symbol, x, y);
    return constant_item(std::move(*result));
}

Item python_subscript(const Item& sequence, const Item& key) {
    const auto items = as_sequence(sequence);
    if (!items) fail(Code::unsupported, "a subscript of ", described(sequence));
    if (key.kind == Item::Kind::slice) return sequence_item(sliced(*items, key));
    if (!key.is_constant() || key.constant.integer() == nullptr)
        fail(Code::unsupported, "wanted an integer or a slice, found ", described(key));
    const std::int64_t n = static_cast<std::int64_t>(items->size()), at = *key.constant.integer();
    if (at >= n || at < -n) fail(Code::config, "index ", at, " is out of range for a sequence of ", n);
    return (*items)[static_cast<std::size_t>(at < 0 ? at + n : at)];
}

}  // namespace layerctl::expressions
