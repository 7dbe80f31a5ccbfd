#include "engine/ops/table/slices.hpp"

#include <algorithm>

#include "engine/ops/table/take.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

using Bound = std::optional<std::int64_t>;

/// One item of a key.
struct Item {
    enum class Kind { index, slice, new_axis, ellipsis };
    Kind kind = Kind::slice;
    Size index = {};  // nothing: a tensor, unknown before a run
    Bound start = {}, stop = {}, step = {};
    bool open = false;  // a bound is a tensor, unknown before a run
};

[[noreturn]] void refuse(const Value& value) {
    fail(Code::unsupported, "argument 'key': wanted an integer, slice, null or '...', found ", excerpt(value));
}

Bound bound(const Value* value) {
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (value->integer() == nullptr) refuse(*value);
    return *value->integer();
}

bool has_class(const Value& value, const char* name) {
    const Value* class_name = value.find("class_name");
    return class_name != nullptr && *class_name == Value(name);
}

Item slice_item(const Value& parts) {
    if (parts.object() == nullptr) refuse(parts);
    for (const auto& [key, part] : *parts.object())
        if (key != "start" && key != "stop" && key != "step") refuse(parts);
    return {.start = bound(parts.find("start")), .stop = bound(parts.find("stop")), .step = bound(parts.find("step"))};
}

Item constant_item(const Value& value) {
    if (value.integer() != nullptr) return {.kind = Item::Kind::index, .index = *value.integer()};
    if (value.is_null()) return {.kind = Item::Kind::new_axis};
    if (has_class(value, "__ellipsis__")) return {.kind = Item::Kind::ellipsis};
    const Value* config = value.find("config");
    if (has_class(value, "__slice__") && config != nullptr) return slice_item(*config);
    if (value.find("class_name") != nullptr) refuse(value);
    return slice_item(value);
}

/// {"start": …, "stop": …, "step": …} of which some are scalar tensors.
Item open_slice(const Arguments& a, const Operand& operand) {
    Item item;
    for (std::size_t i = 0; i < operand.items.size(); ++i) {
        const Operand& part = operand.items[i];
        const std::string& key = operand.keys[i];
        Bound* const to = key == "start"  ? &item.start
                          : key == "stop" ? &item.stop
                          : key == "step" ? &item.step
                                          : nullptr;
        if (to == nullptr) fail(Code::unsupported, "argument 'key': wanted a slice, found a member '", key, "'");
        if (part.kind == Operand::Kind::constant) *to = bound(&part.constant);
        else *to = a.size(part);
        item.open = item.open || (part.kind == Operand::Kind::tensor && !*to);
    }
    return item;
}

std::vector<Item> items_of(const Arguments& a) {
    const Operand& key = a.operand("key");
    std::vector<Item> items;
    const auto add = [&](const Operand& operand) {
        if (operand.kind == Operand::Kind::constant) items.push_back(constant_item(operand.constant));
        else if (operand.kind == Operand::Kind::dict) items.push_back(open_slice(a, operand));
        else {
            if (operand.kind != Operand::Kind::tensor || a.shape(operand).rank() != 0)
                fail(Code::unsupported, "argument 'key': only scalar tensors are supported as indices");
            items.push_back({.kind = Item::Kind::index, .index = a.size(operand)});
        }
    };
    const Value* constant = key.kind == Operand::Kind::constant ? &key.constant : nullptr;
    if (constant != nullptr && has_class(*constant, "__tuple__")) constant = constant->find("items");
    if (key.kind == Operand::Kind::list) std::for_each(key.items.begin(), key.items.end(), add);
    else if (constant != nullptr && constant->array() != nullptr)
        for (const Value& item : *constant->array()) items.push_back(constant_item(item));
    else add(key);
    return items;
}

/// The key with "..." written out: as many whole slices as axes are left.
std::vector<Item> items_for(const Arguments& a, std::size_t rank) {
    std::vector<Item> items = items_of(a);
    const auto is_ellipsis = [](const Item& item) { return item.kind == Item::Kind::ellipsis; };
    const auto consumes = [](const Item& item) {
        return item.kind == Item::Kind::index || item.kind == Item::Kind::slice;
    };
    const auto used = static_cast<std::size_t>(std::count_if(items.begin(), items.end(), consumes));
    if (std::count_if(items.begin(), items.end(), is_ellipsis) > 1)
        fail(Code::config, "argument 'key': '...' is given twice");
    if (used > rank) fail(Code::shape, "wanted at most ", rank, " indices, found ", used);
    auto at = std::find_if(items.begin(), items.end(), is_ellipsis);
    if (at != items.end()) at = items.erase(at);
    items.insert(at, rank - used, Item{});
    return items;
}

/// The positions a slice of `n` elements takes, by Python's rules.
std::vector<std::int64_t> positions(const Item& item, std::int64_t n) {
    const std::int64_t step = item.step.value_or(1);
    if (step == 0) fail(Code::config, "argument 'key': a slice with step 0");
    const std::int64_t least = step > 0 ? 0 : -1, most = step > 0 ? n : n - 1;
    const auto clamped = [&](std::int64_t value) { return std::clamp(value < 0 ? value + n : value, least, most); };
    const std::int64_t start = item.start ? clamped(*item.start) : step > 0 ? 0 : n - 1;
    const std::int64_t stop = item.stop ? clamped(*item.stop) : step > 0 ? n : -1;
    std::vector<std::int64_t> result;
    for (std::int64_t i = start; step > 0 ? i < stop : i > stop; i += step) {
        result.push_back(i);
        if (step > 0 ? i > stop - step : i < stop - step) break;  // the next one might not fit 64 bits
    }
    return result;
}

bool takes_all(const Item& item) {
    return !item.start && !item.stop && (!item.step || *item.step == 1 || *item.step == -1);
}

/// How many elements a slice takes of `n`.
std::int64_t slice_size(const Item& item, std::int64_t n) {
    if (n == Shape::unknown || item.open) return Shape::unknown;
    return takes_all(item) ? n : static_cast<std::int64_t>(positions(item, n).size());
}

}  // namespace

Shapes sliced_shape(const Arguments& a) {
    const Shape in = a.shape("x");
    std::vector<std::int64_t> dims;
    std::size_t axis = 0;
    for (const Item& item : items_for(a, in.rank())) {
        if (item.kind == Item::Kind::new_axis) dims.push_back(1);
        else if (item.kind == Item::Kind::slice) dims.push_back(slice_size(item, in[axis++]));
        else {
            const std::int64_t n = in[axis];
            if (item.index && n != Shape::unknown && (*item.index >= n || *item.index < -n))
                fail(Code::shape, "index ", *item.index, " is out of range for axis ", axis, " of shape ", in);
            ++axis;
        }
    }
    return {Shape(std::move(dims))};
}

Tensor sliced(const Arguments& a, const Tensor& x) {
    Tensor y = x;
    std::size_t axis = 0;
    for (const Item& item : items_for(a, x.shape().rank())) {
        if (item.kind == Item::Kind::new_axis) continue;
        const std::int64_t n = x.shape()[axis];
        if (item.kind == Item::Kind::index) y = take(y, axis, {*item.index < 0 ? *item.index + n : *item.index});
        else if (!takes_all(item) || item.step == -1) y = take(y, axis, positions(item, n));
        ++axis;
    }
    return y.reshaped(sliced_shape(a).front());
}

std::optional<Pad> cut_off(const Arguments& a) {
    const Shape in = a.shape("x");
    Pad pad;
    for (const Item& item : items_for(a, in.rank())) {
        if (item.kind == Item::Kind::new_axis) continue;
        const std::int64_t n = in[pad.before.size()];
        const bool is_index = item.kind == Item::Kind::index;
        if (n == 0 || (is_index ? !item.index : item.open || item.step.value_or(1) != 1)) return {};
        const std::vector<std::int64_t> taken = is_index ? std::vector{(*item.index + n) % n} : positions(item, n);
        if (taken.empty()) return {};
        pad.before.push_back(-taken.front());
        pad.behind.push_back(taken.back() + 1 - n);
    }
    return pad;
}

}  // namespace layerctl::ops
