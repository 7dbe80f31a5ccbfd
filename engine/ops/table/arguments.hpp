// The arguments of an operation: how they are named, bound to a recorded call, and read by shape rules and arithmetic.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/dialect.hpp"
#include "models/dtype.hpp"
#include "models/layer_spec.hpp"
#include "models/tensor.hpp"

namespace layerctl::ops {

/// One parameter of an operation. `names`: the first is the one the table reads it by, the others are spellings.
struct Parameter {
    std::vector<std::string> names;
    bool required = true;
    Value fallback;        // if not required
    bool fixed = false;    // no other value than the fallback is supported
    bool many = false;     // takes all remaining positional arguments
    bool ignored = false;  // cannot change the result
};

/// Written as Python would, with JSON defaults: "x|input axis=null keepdims|keep_dims=false axes=[0,1]". A leading "!" marks an
/// argument supported at its default only, "~" one that cannot change the result, "*" all remaining ones.
class Signature {
public:
    explicit Signature(std::string_view text);
    const std::vector<Parameter>& parameters() const noexcept { return parameters_; }

    /// The position of the parameter of that spelling, or nothing.
    std::optional<std::size_t> find(std::string_view name) const;

private:
    std::vector<Parameter> parameters_;
};

/// What a call passes for one parameter: a constant, one of its tensors, or a list or dict with tensors inside.
struct Operand {
    enum class Kind { absent, constant, tensor, list, dict };

    Kind kind = Kind::absent;
    Value constant;
    std::size_t input = 0;          // tensor: its position among the tensors of the call
    std::vector<Operand> items;     // list, dict
    std::vector<std::string> keys;  // dict
};

/// The operands of a call, parallel to the parameters of the signature.
class Binding {
public:
    Binding(std::string_view signature, Dialect dialect) : signature_(signature), dialect_(dialect) {}

    /// Takes the static arguments of a Keras 3 operation and the call. Every argument is bound or Code::unsupported,
    /// as is a missing one that has no default.
    void bind(const std::vector<std::pair<std::string, Value>>& statics, const Call& call);

    const Signature& signature() const noexcept { return signature_; }
    const Operand& operand(std::string_view name) const;
    const Operand& operand(std::size_t parameter) const { return operands_[parameter]; }
    Dialect dialect() const noexcept { return dialect_; }

private:
    void set(std::size_t parameter, Operand operand);
    void bind_positional(std::vector<Operand> positional);
    void complete();

    Signature signature_;
    Dialect dialect_;
    std::vector<Operand> operands_;
};

/// A size that may depend on the numbers in a tensor, which are unknown before a run.
using Size = std::optional<std::int64_t>;

/// The arguments of one call while shapes, dtypes or results are worked out. Tensors are there when running only.
class Arguments {
public:
    Arguments(const Binding& binding, const Shapes* shapes, const std::vector<DType>* dtypes, const Tensors* tensors)
        : binding_(binding), shapes_(shapes), dtypes_(dtypes), tensors_(tensors) {}

    Dialect dialect() const noexcept { return binding_.dialect(); }
    bool keras3() const noexcept { return dialect() == Dialect::keras3; }
    bool running() const noexcept { return tensors_ != nullptr; }

    /// Whether the operation has a parameter of that name.
    bool has(std::string_view name) const { return binding_.signature().find(name).has_value(); }

    /// Not absent and not null.
    bool given(std::string_view name) const;

    const Operand& operand(std::string_view name) const { return binding_.operand(name); }
    const Operand& operand(std::size_t parameter) const { return binding_.operand(parameter); }

    /// Constants; Code::unsupported for a tensor, Code::config for another kind of value.
    const Value& constant(std::string_view name) const;
    std::int64_t integer(std::string_view name) const;
    double number(std::string_view name) const;
    bool flag(std::string_view name) const;
    const std::string& text(std::string_view name) const;
    DType dtype_named(std::string_view name) const;
    std::vector<std::int64_t> integers(std::string_view name) const;

    /// Integers of which any may be a tensor: [tensor, 4, -1], or one tensor of rank 1, or a single number.
    std::vector<Size> sizes(std::string_view name) const;

    /// One integer that may be a tensor.
    Size size(const Operand& operand) const;

    /// Tensors; a constant becomes one.
    Shape shape(const Operand& operand) const;
    Shape shape(std::string_view name) const { return shape(operand(name)); }

    /// The dtype of a tensor or of an array that carries one; nothing for Python numbers.
    std::optional<DType> own_dtype(const Operand& operand) const;
    DType dtype(std::string_view name) const;

    /// The numbers in dtype `as`, halves as float32.
    Tensor tensor(const Operand& operand, DType as) const;

    /// The same by way of the tensor Keras 3 makes of Python numbers.
    Tensor made_tensor(const Operand& operand, DType as) const;
    Tensor tensor(std::string_view name) const { return tensor(operand(name), dtype(name)); }

    /// The operands in a list argument.
    std::vector<const Operand*> list(std::string_view name) const;

private:
    const Binding& binding_;
    const Shapes* shapes_;
    const std::vector<DType>* dtypes_;
    const Tensors* tensors_;
};

/// The dtype in which operands of an arithmetic operation meet. TensorFlow: that of the tensors, which must agree, and
/// numbers follow it. Keras 3: `result_type` of its backends, where Python numbers are weak.
DType common_dtype(const Arguments& arguments, const std::vector<const Operand*>& operands);
DType common_dtype(const Arguments& arguments, std::initializer_list<std::string_view> names);

/// The same for operations of Keras 3 that make tensors of numbers first: 2.0 counts as float32, 2 as int32.
DType tensors_dtype(const Arguments& arguments, const std::vector<const Operand*>& operands);
DType tensors_dtype(const Arguments& arguments, std::initializer_list<std::string_view> names);

/// Keras 3's promotion of two dtypes, and of one with a Python float.
DType promoted(DType a, DType b);
DType promoted_to_float(DType dtype);

/// The dtype of the tensor Keras 3 makes of Python numbers.
DType tensor_dtype_of(const Value& value);

/// What halves travel as.
DType carried(DType dtype);

/// The tensor an array constant stands for: a number, a nested list, or Keras' "__tensor__" and "__numpy__" objects.
Tensor constant_tensor(const Value& value, std::optional<DType> as);

}  // namespace layerctl::ops
