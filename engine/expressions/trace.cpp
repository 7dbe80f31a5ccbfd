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
        return argument_of(item, [this](const Item& leaf) {
            if (!leaf.is_tensor()) fail(Code::unsupported, "an operation of ", described(leaf));
            return tensor(leaf);
        });
    }

    void check_dtypes() const {
        for (const DType made : made_)
            if (std::find(given_.begin(), given_.end(), made) == given_.end())
                fail(Code::unsupported, "an operation between a constant of ", made, " and other tensors than that");
    }

private:
    Argument tensor(const Item& item) {
        if (!item.origin && item.constant.is_null())
            fail(Code::unsupported, "an operation of a size that only a run shows");
        Argument argument;
        if (!item.origin) {
            made_.push_back(item.dtype);
            argument.constant = item.constant;
            return argument;
        }
        given_.push_back(item.dtype);
        argument.kind = Argument::Kind::tensor;
        argument.tensor = *item.origin;
        return argument;
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
