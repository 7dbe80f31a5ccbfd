// What TensorFlow's functions are as operations of Keras 3: the one table for both directions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/dialects/parts.hpp"

namespace layerctl::dialects {

/// A parameter under its two names. Keras 3 has it in the config; its place among the arguments if `argument`.
struct OperationParameter {
    std::string_view tf, keras3;
    std::optional<Value> initial;  // what it is if nobody says it; nothing: must be said
    bool argument = false;
};

/// What an operation asks of its operands.
enum class Operands { any, floats, mixed };

/// One function of TensorFlow and the operation of Keras 3 that computes the same.
struct OperationRow {
    std::string_view tf, keras3;
    Operands operands;
    std::vector<OperationParameter> rest;  // behind the first
};

const std::vector<OperationRow>& operation_rows();

/// What an argument is that nobody gave.
Value initial_of(const OperationParameter& parameter, const OperationRow& row);

Argument constant_argument(Value value);

/// A constant operand of Keras 3: numbers as they are, lists as arrays of the other operand's dtype.
Argument operand_of_keras3(const Argument& argument, const std::string& dtype);

/// The layer of Keras 2 that calls a function of TensorFlow.
Translated op_lambda(std::string_view class_name, const std::string& name, std::string_view function);

/// A slice is {"start", "stop", "step"} in Keras 2 and an object of the class __slice__ in Keras 3.
Value slice_of_keras3(const Value& item);

}  // namespace layerctl::dialects
