// Item: what an expression is worth while shapes and dtypes are worked out, or while it runs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/custom_objects.hpp"
#include "models/dtype.hpp"
#include "models/layer_spec.hpp"
#include "models/tensor.hpp"
#include "models/value.hpp"

namespace layerctl::expressions {

struct Item {
    enum class Kind {
        constant,  // a Python value that is no tensor
        tensor,
        sequence,    // a tuple or list with anything in it
        slice,       // start, stop and step in `items`, null where absent
        unspecific,  // a dtype while only shapes are worked out
    };

    Kind kind = Kind::constant;
    Value constant = {};

    Shape shape = {};
    DType dtype = DType::float32;  // logical: float16 though its numbers travel as float32
    Tensor tensor = {};            // when running
    Tensor mask = {};              // the mask Keras hangs on the tensor, if any
    std::optional<TensorRef> origin = {};  // while operations are written down: whose output it is

    std::vector<Item> items = {};

    bool is_tensor() const { return kind == Kind::tensor; }
    bool is_constant() const { return kind == Kind::constant; }
    bool is_null() const { return is_constant() && constant.is_null(); }
};

Item constant_item(Value value);
Item sequence_item(std::vector<Item> items);

/// A tensor without numbers.
Item abstract_item(Shape shape, DType dtype);

/// A tensor when running. `dtype` is the logical one.
Item tensor_item(Tensor tensor, DType dtype);

/// A dimension: a number, or a whole number nobody knows before a run.
Item dimension_item(std::int64_t size);

/// The value of a constant, or of a sequence of constants as an array; nullopt with a tensor inside.
std::optional<Value> as_constant(const Item& item);

/// The items of a sequence or of a constant array; nullopt for anything else.
std::optional<std::vector<Item>> as_sequence(const Item& item);

/// "a tensor (None, 3)", "3.5", "a sequence of 2".
std::string described(const Item& item);

/// The arguments of a call.
struct CallItems {
    std::vector<Item> positional;
    std::vector<std::pair<std::string, Item>> named;
};

struct Trace;

/// What an evaluation is about.
enum class Purpose {
    shapes,  // tensors have shapes only
    spec,    // and dtypes
    run,     // and numbers
};

/// The values a program works on. `slots` begin with what the owner of the program brings.
struct Frame {
    Purpose purpose = Purpose::shapes;
    Dialect dialect = Dialect::keras2;
    std::vector<Item> slots;

    /// Calls a part of the owner: a sub-layer, or the activation that a config value names.
    std::function<Item(std::size_t part, const CallItems& items)> call_part = {};

    /// Whose operators work on tensors, if not those of the version.
    std::optional<Dialect> operators = {};
    Dialect operator_dialect() const { return operators.value_or(dialect); }

    std::vector<bool> worked_out = {};  // which slots of deferred statements are
    Trace* trace = nullptr;             // where the operations are written down, if they are
};

}  // namespace layerctl::expressions
