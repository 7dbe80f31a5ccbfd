// What a user's file of custom objects says that names mean which a function reads from outside itself.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/expressions/program.hpp"

namespace layerctl::expressions {

/// CustomObjects may derive from this, too. Nothing for a name that is not defined.
class UserNames {
public:
    virtual ~UserNames() = default;
    virtual std::optional<Value> constant(const std::string& name) const = 0;
    virtual std::shared_ptr<const UserFunction> user_function(const std::string& name) const = 0;
};

}  // namespace layerctl::expressions
