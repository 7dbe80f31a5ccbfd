#include "engine/expressions/op_call.hpp"

#include <algorithm>
#include <array>

#include "engine/expressions/derived.hpp"
#include "engine/expressions/write_down.hpp"
#include "models/error.hpp"
#include "models/limits.hpp"

namespace layerctl::expressions {
namespace {

/// Arguments as a recorded call has them, and the tensors among them in the order of Call::tensors.
class Recorder {
public:
    explicit Recorder(Purpose purpose) : purpose_(purpose) {}

    Argument operator()(const Item& item) {
        return argument_of(item, [this](const Item& leaf) {
            Argument argument;
            if (!leaf.is_tensor()) return argument;
            argument.kind = Argument::Kind::tensor;
            shapes.push_back(leaf.shape);
            dtypes.push_back(leaf.dtype);
            if (purpose_ == Purpose::run) tensors.push_back(leaf.tensor);
            return argument;
        });
    }

    Shapes shapes;
    DTypes dtypes;
    Tensors tensors;

private:
    Purpose purpose_;
};

bool has_tensor(const Item& item) {
    return item.is_tensor() || std::any_of(item.items.begin(), item.items.end(), has_tensor);
}

bool has_tensor(const CallItems& items) {
    return std::any_of(items.positional.begin(), items.positional.end(),
                       [](const Item& item) { return has_tensor(item); }) ||
           std::any_of(items.named.begin(), items.named.end(),
                       [](const auto& named) { return has_tensor(named.second); });
}

bool has_float(const Value& value) {
    const Value::Array* items = value.array();
    return value.number() != nullptr || (items != nullptr && std::any_of(items->begin(), items->end(), has_float));
}

bool names_one_of(const ops::Op& op, std::initializer_list<std::string_view> names) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
        return std::count(op.tf.begin(), op.tf.end(), name) + std::count(op.keras3.begin(), op.keras3.end(), name) > 0;
    });
}

bool returns_list(const ops::Op& op) { return names_one_of(op, {"split", "Split", "unstack", "Unstack"}); }

Item as_tensor(const Item& item, Purpose purpose) {
    return as_constant(item) ? tensor_of_constant(item, std::nullopt, purpose) : item;
}

/// Operations that make tensors of sizes read them as they are, so that shapes are known.
bool takes_tensor_first(const ops::Op& op) {
    return !op.signature.starts_with("shape") && !op.signature.starts_with("dims");
}

struct Operator {
    std::string_view symbol;
    std::string_view tf, keras3;
};

// The functions behind Python's operators on tensors.
constexpr std::array operators = {
    Operator{"+", "math.add", "Add"},
    Operator{"-", "math.subtract", "Subtract"},
    Operator{"*", "math.multiply", "Multiply"},
    Operator{"/", "math.truediv", "TrueDivide"},
    Operator{"classic /", "math.truediv", "TrueDivide"},
    Operator{"//", "math.floordiv", "FloorDivide"},
    Operator{"%", "math.floormod", "Mod"},
    Operator{"**", "math.pow", "Power"},
    Operator{"@", "linalg.matmul", "Matmul"},
    Operator{"==", "math.equal", "Equal"},
    Operator{"!=", "math.not_equal", "NotEqual"},
    Operator{"<", "math.less", "Less"},
    Operator{"<=", "math.less_equal", "LessEqual"},
    Operator{">", "math.greater", "Greater"},
    Operator{">=", "math.greater_equal", "GreaterEqual"},
};

const ops::Op& op_named(std::string_view tf, std::string_view keras3, Dialect dialect) {
    const ops::Op* op = dialect == Dialect::keras3 ? ops::find_keras3_op(keras3) : ops::find_tf_op(tf);
    if (op == nullptr) fail(Code::internal, "the ops table lacks '", tf, "'");
    return *op;
}

/// As for what layers return.
void require_bounded(const Shape& shape) {
    std::int64_t bytes = 8;
    for (const std::int64_t dim : shape)
        if (dim != Shape::unknown && (__builtin_mul_overflow(bytes, dim, &bytes) || bytes > limits::tensor_bytes))
            fail(Code::refused, "a tensor of shape ", shape, " is larger than the limit of ", limits::tensor_bytes,
                 " bytes");
}

/// Between integers, Python 2 divided without a fraction.
void require_floats(const Item& x, const Item& y, const Frame& frame) {
    if (frame.purpose == Purpose::shapes) return;
    if (!is_floating(x.is_tensor() ? x.dtype : y.dtype)) fail(Code::unsupported, "Python 2's '/' between integers");
}

}  // namespace

Item rounded(Tensor tensor, DType dtype) {
    const DType carrier = ops::carried(dtype);
    if (carrier != dtype) tensor = tensor.cast(dtype).cast(carrier);
    return tensor_item(std::move(tensor), dtype);
}

Item tensor_of_constant(const Item& item, std::optional<DType> dtype, Purpose purpose) {
    const std::optional<Value> value = as_constant(item);
    if (!value) fail(Code::unsupported, "wanted numbers, found ", described(item));
    const Value* config = value->find("config");
    const std::string own = config == nullptr ? "" : config->string_at("dtype");
    if (!own.empty() && !dtype) dtype = parse_dtype(own);
    if (!dtype)
        dtype = value->boolean() != nullptr ? DType::boolean : has_float(*value) ? DType::float32 : DType::int32;
    Tensor tensor = ops::constant_tensor(*value, ops::carried(*dtype));
    if (purpose == Purpose::run) return rounded(std::move(tensor), *dtype);
    Item made = abstract_item(tensor.shape(), *dtype);
    made.constant = *value;
    return made;
}

Item call_op(const ops::Op& op, Dialect dialect, CallItems items, const Frame& frame) {
    if (frame.trace != nullptr)
        if (const Function spelled_out = find_spelled_out(op)) return spelled_out(std::move(items), frame);
    const Purpose purpose = frame.purpose;
    const bool alone = takes_tensor_first(op) && !has_tensor(items);
    if (alone && !items.positional.empty()) items.positional[0] = as_tensor(items.positional[0], purpose);
    else if (alone && !items.named.empty()) items.named[0].second = as_tensor(items.named[0].second, purpose);
    Recorder record(purpose);
    Call call;
    for (const Item& item : items.positional) call.args.push_back(record(item));
    for (const auto& [name, item] : items.named) call.kwargs.emplace_back(name, record(item));
    ops::Binding binding(op.signature, dialect);
    binding.bind({}, call);
    std::vector<Item> results;
    const ops::Arguments shaped(binding, &record.shapes, nullptr, nullptr);
    const ops::Arguments typed(binding, nullptr, &record.dtypes, nullptr);
    const DTypes dtypes = purpose == Purpose::shapes ? DTypes{DType::float32} : op.dtype(typed);
    const auto dtype_of = [&](std::size_t i) { return dtypes[dtypes.size() == 1 ? 0 : i]; };
    if (purpose == Purpose::run) {
        for (Tensor& y : op.run(ops::Arguments(binding, &record.shapes, &record.dtypes, &record.tensors)))
            results.push_back(rounded(std::move(y), dtype_of(results.size())));
    } else {
        for (Shape& shape : op.shapes(shaped)) {
            require_bounded(shape);
            results.push_back(abstract_item(std::move(shape), dtype_of(results.size())));
        }
    }
    if (frame.trace != nullptr) write_down(op, dialect, items, results, *frame.trace);
    if (results.size() == 1 && !returns_list(op)) return std::move(results[0]);
    return sequence_item(std::move(results));
}

Item tensor_binary(const std::string& symbol, const Item& x, const Item& y, const Frame& frame) {
    const auto* row =
        std::find_if(operators.begin(), operators.end(), [&](const Operator& o) { return o.symbol == symbol; });
    if (row == operators.end())
        fail(Code::unsupported, "operator '", symbol, "' between ", described(x), " and ", described(y));
    if (symbol == "classic /") require_floats(x, y, frame);
    return call_op(op_named(row->tf, row->keras3, frame.operator_dialect()), frame.operator_dialect(), {{x, y}, {}},
                   frame);
}

Item negative(const Item& x, const Frame& frame) {
    return call_op(op_named("math.negative", "Negative", frame.operator_dialect()), frame.operator_dialect(), {{x}, {}},
                   frame);
}

Item tensor_subscript(const Item& x, const Item& key, const Frame& frame) {
    return call_op(op_named("__operators__.getitem", "GetItem", frame.operator_dialect()), frame.operator_dialect(),
                   {{x, key}, {}}, frame);
}

}  // namespace layerctl::expressions
