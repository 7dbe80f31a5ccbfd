// Program: a body whose names are resolved, ready to be evaluated for shapes, dtypes or numbers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/expressions/ast.hpp"
#include "engine/expressions/item.hpp"

namespace layerctl::expressions {

class UserFunction;

/// What the names in a body mean, beside the variables it assigns itself.
struct Names {
    std::string owner = "layer";          // "… of this layer"
    std::vector<std::string> variables;   // the slots a frame begins with
    std::vector<std::string> attributes;  // the slots behind them; "self." may stand before the name
    std::vector<std::string> parts;       // what Frame::call_part calls, "self." as well

    /// Constants and functions of the custom-objects file; nothing for a name it does not define.
    std::function<std::optional<Value>(const std::string&)> constant = {};
    std::function<std::shared_ptr<const UserFunction>(const std::string&)> function = {};
    std::vector<std::string> function_names = {};

    std::optional<Dialect> operators = {};  // whose operators work on tensors, if not those of the caller's version
};

class Program {
public:
    using Code = std::function<Item(Frame& frame)>;

    /// Unknown names and functions are Code::config with place, column and the nearest names.
    Program(const Body& body, const Names& names);

    /// The value of the last statement. `frame.slots` holds the variables and attributes.
    Item evaluate(Frame& frame) const;

    /// Nodes to be evaluated at most, those of called functions included.
    std::size_t cost() const { return cost_; }

    /// How often each of `Names::parts` is called.
    const std::vector<std::size_t>& part_calls() const { return part_calls_; }

private:
    struct Step {
        std::vector<std::size_t> targets;
        bool unpacks = false;
        std::string place;
        Code code;
    };

    std::vector<Step> steps_;
    std::size_t slots_ = 0;
    std::size_t cost_ = 0;
    std::vector<std::size_t> part_calls_;
    std::optional<Dialect> operators_;
};

/// A function of the user: tensors in, tensors out.
class UserFunction {
public:
    /// `parameters` follow the inputs; null has no default. The program's variables are both, in order.
    UserFunction(std::vector<std::string> inputs, std::vector<std::pair<std::string, Value>> parameters,
                 Program program);

    Item call(const CallItems& items, const Frame& caller) const;
    std::size_t inputs() const { return inputs_; }
    std::size_t cost() const { return program_.cost(); }

private:
    std::size_t inputs_;
    std::vector<std::string> names_;
    std::vector<Value> defaults_;  // parallel to names_; null: must be given
    Program program_;
};

}  // namespace layerctl::expressions
