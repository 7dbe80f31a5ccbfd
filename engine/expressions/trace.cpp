#include "engine/expressions/trace.hpp"

#include <algorithm>
#include <array>

#include "engine/expressions/write_down.hpp"
#include "models/error.hpp"

namespace layerctl::expressions {
namespace {

constexpr std::array slice_parts = {"start", "stop", "step"};

/// A constant that was made a tensor says no dtype where it is written down: it has that of the tensors beside it.
class Writer {
public:
    Argument operator()(const Item& item) {
        if (item.kind == Item::Kind::slice) return constant(slice_value(item));
        if (item.is_tensor()) return tensor(item);
        if (std::optional<Value> value = as_constant(item)) return constant(std::move(*value));
        if (item.kind != Item::Kind::sequence) fail(Code::unsupported, "an operation of ", described(item));
        return list(item);
    }

    void check_dtypes() const {
        for (const DType made : made_)
            if (std::find(given_.begin(), given_.end(), made) == given_.end())
                fail(Code::unsupported, "an operation between a constant of ", made, " and other tensors than that");
    }

private:
    static Argument constant(Value value) {
        Argument argument;
        argument.constant = std::move(value);
        return argument;
    }

    Argument tensor(const Item& item) {
        if (!item.origin && item.constant.is_null())
            fail(Code::unsupported, "an operation of a size that only a run shows");
        if (!item.origin) {
            made_.push_back(item.dtype);
            return constant(item.constant);
        }
        given_.push_back(item.dtype);
        Argument argument;
        argument.kind = Argument::Kind::tensor;
        argument.tensor = *item.origin;
        return argument;
    }

    Argument list(const Item& item) {
        Argument argument;
        argument.kind = Argument::Kind::list;
        for (const Item& inner : item.items) argument.items.push_back((*this)(inner));
        const auto is_constant = [](const Argument& inner) { return inner.kind == Argument::Kind::constant; };
        if (!std::all_of(argument.items.begin(), argument.items.end(), is_constant)) return argument;
        Value::Array values;
        for (Argument& inner : argument.items) values.push_back(std::move(inner.constant));
        return constant(std::move(values));
    }

    DTypes made_, given_;
};

}  // namespace

Value slice_value(const Item& slice) {
    Value parts = Value::Object{};
    for (std::size_t i = 0; i < slice_parts.size(); ++i) {
        if (!slice.items[i].is_constant())
            fail(Code::unsupported, "wanted a slice between integers, found ", described(slice.items[i]));
        parts.set(slice_parts[i], slice.items[i].constant);
    }
    return parts;
}

void write_down(const ops::Op& op, Dialect dialect, const CallItems& items, std::vector<Item>& results, Trace& trace) {
    Writer written;
    TracedOp step{&op, dialect, {}, {}};
    for (const Item& item : items.positional) step.call.args.push_back(written(item));
    for (const auto& [name, item] : items.named) step.call.kwargs.emplace_back(name, written(item));
    written.check_dtypes();
    for (std::size_t i = 0; i < results.size(); ++i) {
        step.outputs.shapes.push_back(results[i].shape);
        step.outputs.dtypes.push_back(results[i].dtype);
        results[i].origin = TensorRef{trace.steps.size() + 1, 0, i};
    }
    trace.steps.push_back(std::move(step));
}

}  // namespace layerctl::expressions
