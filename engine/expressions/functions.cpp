// Four libraries over one table: their prefixes, their names for its operations, and their orders of arguments.
#include "engine/expressions/functions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "engine/expressions/derived.hpp"
#include "engine/expressions/op_call.hpp"
#include "engine/expressions/parameters.hpp"
#include "engine/expressions/specials.hpp"
#include "engine/ops/activation.hpp"
#include "models/error.hpp"

namespace layerctl::expressions {
namespace {

struct Prefix {
    std::string_view text;
    Library library;
};

// Longer ones first; a name without any is one of keras.ops.
constexpr std::array prefixes = {
    Prefix{"tf.keras.activations.", Library::activations},
    Prefix{"keras.activations.", Library::activations},
    Prefix{"activations.", Library::activations},
    Prefix{"tf.keras.backend.", Library::backend},
    Prefix{"keras.backend.", Library::backend},
    Prefix{"backend.", Library::backend},
    Prefix{"K.", Library::backend},
    Prefix{"keras.ops.nn.", Library::ops},
    Prefix{"keras.ops.numpy.", Library::ops},
    Prefix{"keras.ops.", Library::ops},
    Prefix{"ops.nn.", Library::ops},
    Prefix{"ops.numpy.", Library::ops},
    Prefix{"ops.", Library::ops},
    Prefix{"tf.", Library::tf},
    Prefix{"tensorflow.", Library::tf},
};

struct Name {
    Library library;
    std::string prefix, rest;
};

Name split(const std::string& name) {
    for (const Prefix& prefix : prefixes)
        if (name.starts_with(prefix.text))
            return {prefix.library, std::string(prefix.text), name.substr(prefix.text.size())};
    return {Library::ops, "", name};
}

/// A function whose arguments stand in another order than the table's, or have other names or defaults: a signature as
/// the table writes it, where "min_value>low" passes on `min_value` as `low`. An `op` of TensorFlow begins in lower
/// case.
struct Row {
    std::string_view function;
    std::string_view op;
    std::string_view parameters;
};

constexpr std::array ops_rows = {
    Row{"pad", "Pad", "x pad_width>widths mode=constant constant_values=null"},
    Row{"swish", "Silu", "x"},
    Row{"einsum", "Einsum", "subscripts *operands"},
    Row{"image.resize", "Resize", "x|images|image size interpolation=bilinear !antialias=false"},
};

constexpr std::array tf_rows = {
    Row{"einsum", "Einsum", "subscripts|equation *operands ~name=null"},
};

constexpr std::string_view reduction = "x axis=null keepdims=false";

constexpr std::array backend_rows = {
    Row{"abs", "math.abs", "x"},
    Row{"all", "math.reduce_all", reduction},
    Row{"any", "math.reduce_any", reduction},
    Row{"argmax", "math.argmax", "x axis=-1"},
    Row{"argmin", "math.argmin", "x axis=-1"},
    Row{"bias_add", "nn.bias_add", "x bias>y data_format=null"},
    Row{"cast", "cast", "x dtype"},
    Row{"clip", "clip_by_value", "x min_value>low max_value>high"},
    Row{"concatenate", "concat", "tensors>x axis=-1"},
    Row{"cos", "math.cos", "x"},
    Row{"cumprod", "math.cumprod", "x axis=0"},
    Row{"cumsum", "math.cumsum", "x axis=0"},
    Row{"elu", "Elu", "x alpha=1.0"},
    Row{"equal", "math.equal", "x y"},
    Row{"exp", "math.exp", "x"},
    Row{"expand_dims", "expand_dims", "x axis=-1"},
    Row{"gather", "gather", "reference>x indices"},
    Row{"greater", "math.greater", "x y"},
    Row{"greater_equal", "math.greater_equal", "x y"},
    Row{"identity", "identity", "x"},
    Row{"l2_normalize", "math.l2_normalize", "x axis=null"},
    Row{"less", "math.less", "x y"},
    Row{"less_equal", "math.less_equal", "x y"},
    Row{"log", "math.log", "x"},
    Row{"logsumexp", "math.reduce_logsumexp", reduction},
    Row{"max", "math.reduce_max", reduction},
    Row{"maximum", "math.maximum", "x y"},
    Row{"mean", "math.reduce_mean", reduction},
    Row{"min", "math.reduce_min", reduction},
    Row{"minimum", "math.minimum", "x y"},
    Row{"not_equal", "math.not_equal", "x y"},
    Row{"one_hot", "one_hot", "indices>x num_classes>depth"},
    Row{"ones", "ones", "shape dtype=float32"},
    Row{"ones_like", "ones_like", "x"},
    Row{"permute_dimensions", "transpose", "x pattern>axes"},
    Row{"pow", "math.pow", "x a>y"},
    Row{"prod", "math.reduce_prod", reduction},
    Row{"relu", "ReLU", "x alpha>negative_slope=0.0 max_value=null threshold=0.0"},
    Row{"repeat_elements", "repeat", "x rep>repeats axis"},
    Row{"reshape", "reshape", "x shape"},
    Row{"reverse", "reverse", "x axes>axis"},
    Row{"round", "math.round", "x"},
    Row{"shape", "shape", "x"},
    Row{"sigmoid", "math.sigmoid", "x"},
    Row{"sign", "math.sign", "x"},
    Row{"sin", "math.sin", "x"},
    Row{"softmax", "nn.softmax", "x axis=-1"},
    Row{"softplus", "math.softplus", "x"},
    Row{"softsign", "nn.softsign", "x"},
    Row{"square", "math.square", "x"},
    Row{"squeeze", "squeeze", "x axis"},
    Row{"stack", "stack", "x axis=0"},
    Row{"std", "math.reduce_std", reduction},
    Row{"stop_gradient", "stop_gradient", "variables>x"},
    Row{"sum", "math.reduce_sum", reduction},
    Row{"tanh", "math.tanh", "x"},
    Row{"tile", "tile", "x n>repeats"},
    Row{"transpose", "transpose", "x"},
    Row{"var", "math.reduce_variance", reduction},
    Row{"zeros", "zeros", "shape dtype=float32"},
    Row{"zeros_like", "zeros_like", "x"},
};

// Activations with more than their tensor; without, they are those that configs name.
constexpr std::array activation_rows = {
    Row{"relu", "ReLU", "x negative_slope|alpha=0.0 max_value=null threshold=0.0"},
    Row{"leaky_relu", "LeakyRelu", "x negative_slope|alpha=0.2"},
    Row{"elu", "Elu", "x alpha=1.0"},
    Row{"celu", "Celu", "x alpha=1.0"},
    Row{"gelu", "Gelu", "x approximate=false"},
    Row{"softmax", "Softmax", "x axis=-1"},
    Row{"log_softmax", "LogSoftmax", "x axis=-1"},
};

template <std::size_t n>
const Row* find_row(const std::array<Row, n>& rows, std::string_view function) {
    const auto* row = std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.function == function; });
    return row == rows.end() ? nullptr : row;
}

Function function_of(const Row& row) {
    const bool of_tf = row.op[0] >= 'a' && row.op[0] <= 'z';
    const ops::Op* op = of_tf ? ops::find_tf_op(row.op) : ops::find_keras3_op(row.op);
    if (op == nullptr) return {};
    const Dialect dialect = of_tf ? Dialect::keras2 : Dialect::keras3;
    return [op, dialect, parameters = renamed(row.parameters)](CallItems items, const Frame& frame) {
        return call_op(*op, dialect, under_table_names(parameters, std::move(items)), frame);
    };
}

Function function_of(const ops::Op* op, Dialect dialect) {
    if (op == nullptr) return {};
    return [op, dialect](CallItems items, const Frame& frame) {
        return call_op(*op, dialect, std::move(items), frame);
    };
}

/// "expand_dims" is a function of the operation class ExpandDims.
std::string class_name_of(std::string_view function) {
    std::string name;
    bool upper = true;
    for (const char c : function) {
        if (c == '_') upper = true;
        else {
            name += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            upper = false;
        }
    }
    return name;
}

std::string function_name_of(std::string_view class_name) {
    std::string name;
    for (const char c : class_name) {
        const bool upper = c >= 'A' && c <= 'Z';
        if (upper && !name.empty()) name += '_';
        name += upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return name;
}

/// keras.ops calls its operands x1 and x2, or xs.
Function with_ops_names(Function function) {
    if (!function) return function;
    return [function = std::move(function)](CallItems items, const Frame& frame) {
        for (auto& named : items.named) {
            if (named.first == "x1" || named.first == "xs") named.first = "x";
            if (named.first == "x2") named.first = "y";
        }
        return function(std::move(items), frame);
    };
}

struct ActivationOp {
    std::string_view name, tf, keras3;
};

constexpr std::array activation_ops = {
    ActivationOp{"elu", "nn.elu", "Elu"},
    ActivationOp{"exponential", "math.exp", "Exp"},
    ActivationOp{"relu", "nn.relu", "Relu"},
    ActivationOp{"relu6", "nn.relu6", "Relu6"},
    ActivationOp{"selu", "nn.selu", "Selu"},
    ActivationOp{"silu", "nn.silu", "Silu"},
    ActivationOp{"swish", "nn.silu", "Silu"},
    ActivationOp{"sigmoid", "math.sigmoid", "Sigmoid"},
    ActivationOp{"softmax", "nn.softmax", "Softmax"},
    ActivationOp{"softplus", "math.softplus", "Softplus"},
    ActivationOp{"softsign", "nn.softsign", "Softsign"},
    ActivationOp{"tanh", "math.tanh", "Tanh"},
};

/// The operation that computes what an activation of that name does.
const ops::Op& op_of_activation(const std::string& name, Dialect dialect) {
    for (const ActivationOp& row : activation_ops) {
        const bool is_keras3 = dialect == Dialect::keras3;
        const ops::Op* op = is_keras3 ? ops::find_keras3_op(row.keras3) : ops::find_tf_op(row.tf);
        if (row.name == name && op != nullptr) return *op;
    }
    fail(Code::unsupported, "no operation computes the activation '", name, "'");
}

Item call_activation(const std::string& name, const CallItems& items, const Frame& frame) {
    const Activation activation = activation_named(name, frame.dialect);
    const Item& x = only_argument(items);
    if (!x.is_tensor()) fail(Code::unsupported, "an activation of ", described(x));
    const Shape shape = activated_shape(activation, x.shape);
    if (frame.purpose != Purpose::shapes && !is_floating(x.dtype))
        fail(Code::unsupported, "an activation of ", x.dtype);
    if (frame.trace != nullptr) return call_op(op_of_activation(name, frame.dialect), frame.dialect, items, frame);
    if (frame.purpose != Purpose::run) return abstract_item(shape, x.dtype);
    Tensor y = x.tensor;
    ops::apply(activation, y);
    return rounded(std::move(y), x.dtype);
}

bool is_activation(const std::string& name) {
    try {
        activation_named(name, Dialect::keras3);
        return true;
    } catch (const Error&) {
        return false;
    }
}

Function find_activation(const std::string& name) {
    if (!is_activation(name)) return {};
    const Row* row = find_row(activation_rows, name);
    Function with_arguments = row == nullptr ? Function() : function_of(*row);
    return [name, with_arguments](CallItems items, const Frame& frame) {
        const bool alone = items.positional.size() == 1 && items.named.empty();
        if (!alone && with_arguments) return with_arguments(std::move(items), frame);
        return call_activation(name, items, frame);
    };
}

/// Functions of tf. stand in tf.math., tf.nn. or tf.linalg. as well; the table has them where TensorFlow records them.
Function find_tf(const std::string& name) {
    if (const Row* row = find_row(tf_rows, name)) return function_of(*row);
    if (const ops::Op* op = ops::find_tf_op(name)) return function_of(op, Dialect::keras2);
    const std::size_t dot = name.rfind('.');
    const std::string module = dot == std::string::npos ? "" : name.substr(0, dot);
    if (!module.empty() && module != "math" && module != "nn" && module != "linalg") return {};
    const std::string last = name.substr(dot + 1);  // npos + 1 is 0
    for (const std::string& known : {"math." + last, "nn." + last, "linalg." + last, last})
        if (const ops::Op* op = ops::find_tf_op(known)) return function_of(op, Dialect::keras2);
    return {};
}

Function find_backend(const std::string& name) {
    const Row* row = find_row(backend_rows, name);
    return row == nullptr ? Function() : function_of(*row);
}

Function find_ops(const std::string& name) {
    if (name == "identity") return {};  // makes a matrix; the class Identity is no function's
    if (const Row* row = find_row(ops_rows, name)) return with_ops_names(function_of(*row));
    return with_ops_names(function_of(ops::find_keras3_op(class_name_of(name)), Dialect::keras3));
}

}  // namespace

Function find_function(const std::string& name) {
    const Name parts = split(name);
    if (Function special = find_special(parts.library, parts.prefix, parts.rest)) return special;
    if (Function derived = find_derived(parts.library, parts.rest)) return derived;
    switch (parts.library) {
        case Library::tf: return find_tf(parts.rest);
        case Library::backend: return find_backend(parts.rest);
        case Library::activations: return find_activation(parts.rest);
        case Library::ops: return find_ops(parts.rest);
        case Library::python: break;
    }
    return {};
}

std::optional<Value> find_library_constant(const std::string& name) {
    if (name == "math.pi" || name == "np.pi" || name == "numpy.pi") return std::numbers::pi;
    const Name parts = split(name);
    if (!parts.prefix.empty() && parts.library == Library::tf && parse_dtype(parts.rest)) return parts.rest;
    return std::nullopt;
}

std::vector<std::string> function_names_like(const std::string& name) {
    const Name parts = split(name);
    std::vector<std::string> names;
    const auto add = [&](std::string_view rest) { names.push_back(parts.prefix + std::string(rest)); };
    if (parts.library == Library::tf)
        for (const std::string& known : ops::tf_op_names()) add(known);
    if (parts.library == Library::ops)
        for (const std::string& known : ops::keras3_op_names()) add(function_name_of(known));
    if (parts.library == Library::backend)
        for (const Row& row : backend_rows) add(row.function);
    return names;
}

}  // namespace layerctl::expressions
