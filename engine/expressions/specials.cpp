#include "engine/expressions/specials.hpp"

#include <array>
#include <cmath>

#include "engine/expressions/op_call.hpp"
#include "engine/expressions/parameters.hpp"
#include "models/error.hpp"

namespace layerctl::expressions {
namespace {

const Item& only_tensor(const CallItems& items) {
    const Item& x = only_argument(items);
    if (!x.is_tensor()) fail(Code::config, "wanted a tensor, found ", described(x));
    return x;
}

Item shape_of(CallItems items, const Frame&) {
    const Item& x = only_tensor(items);
    std::vector<Item> dims;
    for (const std::int64_t dim : x.shape) dims.push_back(dimension_item(dim));
    return sequence_item(std::move(dims));
}

Item rank_of(CallItems items, const Frame&) {
    const Item& x = only_tensor(items);
    return constant_item(static_cast<std::int64_t>(x.shape.rank()));
}

Item length_of(CallItems items, const Frame&) {
    const auto sequence = as_sequence(only_argument(items));
    if (!sequence) fail(Code::unsupported, "the length of ", described(items.positional[0]));
    return constant_item(static_cast<std::int64_t>(sequence->size()));
}

Item as_integer(CallItems items, const Frame&) {
    const Item& x = only_argument(items);
    if (x.is_tensor() && is_integer(x.dtype)) return x;
    if (!x.is_constant()) fail(Code::unsupported, "the integer of ", described(x));
    if (x.constant.integer() != nullptr) return x;
    if (x.constant.number() == nullptr || !(std::abs(*x.constant.number()) < 9e15))
        fail(Code::unsupported, "the integer of ", described(x));
    return constant_item(static_cast<std::int64_t>(*x.constant.number()));
}

Item as_float(CallItems items, const Frame&) {
    const Item& x = only_argument(items);
    if (x.is_constant() && x.constant.number() != nullptr) return x;
    if (!x.is_constant() || x.constant.integer() == nullptr) fail(Code::unsupported, "the float of ", described(x));
    return constant_item(static_cast<double>(*x.constant.integer()));
}

Item epsilon(CallItems items, const Frame&) {
    if (!items.positional.empty() || !items.named.empty()) fail(Code::config, "wanted no arguments");
    return constant_item(1e-7);
}

Item float_type(CallItems, const Frame&) { return constant_item("float32"); }
Item data_format(CallItems, const Frame&) { return constant_item("channels_last"); }

Item as_list(CallItems items, const Frame&) {
    auto sequence = as_sequence(only_argument(items));
    if (!sequence) fail(Code::unsupported, "a list of ", described(items.positional[0]));
    return sequence_item(std::move(*sequence));
}

Item square_root(CallItems items, const Frame&) {
    const Item x = as_float(std::move(items), {});
    if (!(*x.constant.number() >= 0)) fail(Code::config, "the square root of ", described(x));
    return constant_item(std::sqrt(*x.constant.number()));
}

Item product(CallItems items, const Frame&) {
    const auto sequence = as_sequence(only_argument(items));
    std::int64_t result = 1;
    for (const Item& item : sequence.value_or(items.positional)) {
        const std::int64_t* factor = item.is_constant() ? item.constant.integer() : nullptr;
        if (factor == nullptr) fail(Code::unsupported, "a product with ", described(item));
        if (__builtin_mul_overflow(result, *factor, &result)) fail(Code::refused, "an integer beyond 64 bits");
    }
    return constant_item(result);
}

Item call_tf(std::string_view function, std::vector<Item> items, const Frame& frame) {
    const ops::Op* op = ops::find_tf_op(function);
    if (op == nullptr) fail(Code::internal, "the ops table lacks '", function, "'");
    return call_op(*op, Dialect::keras2, {std::move(items), {}}, frame);
}

/// K.dot is numpy's: with a matrix on the right it is a matrix product.
Item backend_dot(CallItems items, const Frame& frame) {
    if (items.positional.size() != 2 || !items.named.empty())
        fail(Code::unsupported, "K.dot with arguments by keyword");
    const Item& right = items.positional[1];
    if (right.is_tensor() && right.shape.rank() != 2)
        fail(Code::unsupported, "K.dot with a tensor of shape ", right.shape, " on the right; wanted a matrix");
    return call_tf("linalg.matmul", std::move(items.positional), frame);
}

/// A tensor of what may be a constant; `dtype` is null for the one it has by itself.
Item made_tensor(const Item& value, const Item& dtype, const Frame& frame) {
    std::optional<DType> wanted;
    if (dtype.is_constant() && dtype.constant.string() != nullptr) wanted = parse_dtype(*dtype.constant.string());
    if (!wanted && !dtype.is_null()) fail(Code::unsupported, "wanted a dtype, found ", described(dtype));
    if (!value.is_tensor()) return tensor_of_constant(value, wanted, frame.purpose);
    if (wanted && frame.purpose != Purpose::shapes && *wanted != value.dtype)
        fail(Code::unsupported, "a tensor of ", value.dtype, " as one of ", *wanted);
    return value;
}

template <bool of_backend>
Item constant(CallItems items, const Frame& frame) {
    static const std::vector<Renamed> parameters = renamed(of_backend ? "value dtype=float32 !shape=null !name=null"
                                                                      : "value|x dtype=null !shape=null ~name=null");
    const CallItems given = under_table_names(parameters, std::move(items));
    return made_tensor(given.named[0].second, given.named[1].second, frame);
}

Item converted(CallItems items, const Frame& frame) {
    static const std::vector<Renamed> parameters = renamed("value|x dtype=null !dtype_hint=null ~name=null");
    const CallItems given = under_table_names(parameters, std::move(items));
    return made_tensor(given.named[0].second, given.named[1].second, frame);
}

/// A condition of fewer axes than what it chooses from stands in front of theirs, where broadcasting puts it behind.
Item backend_switch(CallItems items, const Frame& frame) {
    static const std::vector<Renamed> parameters = renamed("condition then_expression else_expression");
    CallItems given = under_table_names(parameters, std::move(items));
    const Item &condition = given.named[0].second, &yes = given.named[1].second;
    if (!condition.is_tensor() || !yes.is_tensor() ||
        (condition.shape.rank() != 0 && condition.shape.rank() != yes.shape.rank()))
        fail(Code::unsupported, "K.switch by ", described(condition), " of ", described(yes));
    return call_tf("where", {condition, yes, given.named[2].second}, frame);
}

/// x with all axes but the first in one.
Item batch_flatten(CallItems items, const Frame& frame) {
    const Item& x = only_argument(items);
    if (!x.is_tensor() || x.shape.rank() < 2) fail(Code::unsupported, "K.batch_flatten of ", described(x));
    std::int64_t size = 1;
    for (std::size_t i = 1; i < x.shape.rank(); ++i) {
        if (x.shape[i] == Shape::unknown || __builtin_mul_overflow(size, x.shape[i], &size))
            fail(Code::unsupported, "K.batch_flatten of ", described(x));
    }
    return call_tf("reshape", {x, constant_item(Value::array({-1, Value(size)}))}, frame);
}

std::size_t contracted_axis(const Item& axes, std::size_t of, std::size_t rank) {
    const auto both = as_sequence(axes);
    if (both && both->size() != 2) fail(Code::unsupported, "K.batch_dot over ", described(axes));
    const Item& axis = both ? (*both)[of] : axes;
    if (!axis.is_constant() || axis.constant.integer() == nullptr)
        fail(Code::unsupported, "K.batch_dot over ", described(axes));
    const auto n = static_cast<std::int64_t>(rank);
    const std::int64_t at = *axis.constant.integer() < 0 ? *axis.constant.integer() + n : *axis.constant.integer();
    if (at < 1 || at >= n) fail(Code::unsupported, "K.batch_dot over axis ", *axis.constant.integer());
    return static_cast<std::size_t>(at);
}

/// A sum over one axis of each, row by row of the batch. Older versions of Keras differ where an operand has four axes.
Item batch_dot(CallItems items, const Frame& frame) {
    static const std::vector<Renamed> parameters = renamed("x y axes=null");
    const CallItems given = under_table_names(parameters, std::move(items));
    const Item &x = given.named[0].second, &y = given.named[1].second;
    Item axes = given.named[2].second;
    for (const Item* operand : {&x, &y})
        if (!operand->is_tensor() || operand->shape.rank() < 2 || operand->shape.rank() > 3)
            fail(Code::unsupported, "K.batch_dot of ", described(*operand));
    if (axes.is_null())
        axes = constant_item(Value::array({static_cast<std::int64_t>(x.shape.rank() - 1), std::int64_t{1}}));
    const std::size_t of_x = contracted_axis(axes, 0, x.shape.rank()), of_y = contracted_axis(axes, 1, y.shape.rank());
    std::string left = "b", right = "b", rest = "b";
    for (std::size_t i = 1; i < x.shape.rank(); ++i) left += i == of_x ? 'k' : 'm';
    for (std::size_t i = 1; i < y.shape.rank(); ++i) right += i == of_y ? 'k' : 'n';
    if (x.shape.rank() == 3) rest += 'm';
    if (y.shape.rank() == 3) rest += 'n';
    const ops::Op* einsum = ops::find_keras3_op("Einsum");
    if (einsum == nullptr) fail(Code::internal, "the ops table lacks Einsum");
    CallItems call{
        {}, {{"operands", sequence_item({x, y})}, {"subscripts", constant_item(left + "," + right + "->" + rest)}}};
    Item product = call_op(*einsum, Dialect::keras3, std::move(call), frame);
    if (rest.size() > 1) return product;
    return call_tf("expand_dims", {std::move(product), constant_item(-1)}, frame);
}

struct Special {
    Library library;
    std::string_view function;
    Item (*call)(CallItems, const Frame&);
};

constexpr std::array specials = {
    Special{Library::ops, "shape", shape_of},
    Special{Library::ops, "ndim", rank_of},
    Special{Library::ops, "convert_to_tensor", converted},
    Special{Library::backend, "int_shape", shape_of},
    Special{Library::backend, "ndim", rank_of},
    Special{Library::backend, "epsilon", epsilon},
    Special{Library::backend, "floatx", float_type},
    Special{Library::backend, "image_data_format", data_format},
    Special{Library::backend, "dot", backend_dot},
    Special{Library::backend, "batch_dot", batch_dot},
    Special{Library::backend, "batch_flatten", batch_flatten},
    Special{Library::backend, "constant", constant<true>},
    Special{Library::backend, "switch", backend_switch},
    Special{Library::tf, "constant", constant<false>},
    Special{Library::tf, "convert_to_tensor", converted},
    Special{Library::python, "len", length_of},
    Special{Library::python, "int", as_integer},
    Special{Library::python, "float", as_float},
    Special{Library::python, "list", as_list},
    Special{Library::python, "math.prod", product},
    Special{Library::python, "math.sqrt", square_root},
};

}  // namespace

const Item& only_argument(const CallItems& items) {
    if (items.positional.size() != 1 || !items.named.empty())
        fail(Code::config, "wanted one argument, found ", items.positional.size() + items.named.size());
    return items.positional[0];
}

Function find_special(Library library, const std::string& prefix, std::string_view function) {
    for (const Special& special : specials) {
        const bool bare_python = special.library == Library::python && prefix.empty();
        if ((special.library == library || bare_python) && special.function == function) return special.call;
    }
    return {};
}

}  // namespace layerctl::expressions
