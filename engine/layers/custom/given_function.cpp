#include "engine/layers/custom/given_function.hpp"

#include "engine/expressions/trace.hpp"
#include "models/error.hpp"

namespace layerctl::custom {
namespace {

using expressions::Item;
using expressions::Purpose;

class GivenFunction final : public TensorFunction, public expressions::Traceable {
public:
    GivenFunction(std::shared_ptr<const expressions::UserFunction> function, const Value& arguments, Dialect dialect)
        : function_(std::move(function)), dialect_(dialect) {
        if (arguments.object() != nullptr)
            for (const auto& [name, value] : *arguments.object())
                arguments_.emplace_back(name, expressions::constant_item(value));
    }

    Shapes shapes(const Shapes& in) const override {
        std::vector<Item> items;
        for (const Shape& shape : in) items.push_back(expressions::abstract_item(shape, DType::float32));
        Shapes shapes;
        for (const Item& item : results(std::move(items), Purpose::shapes)) shapes.push_back(item.shape);
        return shapes;
    }

    OutputSpec spec(const Shapes& in, const DTypes& dtypes) const override {
        std::vector<Item> items;
        for (std::size_t i = 0; i < in.size(); ++i) items.push_back(expressions::abstract_item(in[i], dtypes[i]));
        OutputSpec spec;
        for (const Item& item : results(std::move(items), Purpose::spec)) {
            spec.shapes.push_back(item.shape);
            spec.dtypes.push_back(item.dtype);
        }
        return spec;
    }

    Tensors call(const Tensors& x) const override {
        std::vector<Item> items;
        for (const Tensor& tensor : x) items.push_back(expressions::tensor_item(tensor, tensor.dtype()));
        Tensors y;
        for (Item& item : results(std::move(items), Purpose::run)) y.push_back(std::move(item.tensor));
        return y;
    }

    expressions::Trace trace(const Shapes& in, const DTypes& dtypes) const override {
        std::vector<Item> items;
        for (std::size_t i = 0; i < in.size(); ++i) {
            items.push_back(expressions::abstract_item(in[i], dtypes[i]));
            items.back().origin = TensorRef{0, 0, i};
        }
        expressions::Trace trace;
        for (const Item& item : results(std::move(items), Purpose::spec, &trace)) {
            if (!item.origin) fail(Code::unsupported, "a result that no operation makes");
            trace.results.push_back(*item.origin);
        }
        return trace;
    }

private:
    std::vector<Item> results(std::vector<Item> items, Purpose purpose, expressions::Trace* trace = nullptr) const {
        expressions::CallItems call{std::move(items), arguments_};
        if (call.positional.size() > 1 && function_->inputs() == 1)
            call.positional = {expressions::sequence_item(std::move(call.positional))};
        expressions::Frame frame{purpose, dialect_, {}, {}};
        frame.trace = trace;
        Item result = function_->call(call, frame);
        std::vector<Item> outputs =
            result.kind == Item::Kind::sequence ? std::move(result.items) : std::vector<Item>{std::move(result)};
        for (const Item& item : outputs)
            if (!item.is_tensor())
                fail(Code::config, "the function must return tensors, found ", expressions::described(item));
        return outputs;
    }

    std::shared_ptr<const expressions::UserFunction> function_;
    std::vector<std::pair<std::string, Item>> arguments_;
    Dialect dialect_;
};

}  // namespace

std::shared_ptr<const TensorFunction> make_given_function(std::shared_ptr<const expressions::UserFunction> function,
                                                          const Value& arguments, Dialect dialect) {
    return std::make_shared<GivenFunction>(std::move(function), arguments, dialect);
}

}  // namespace layerctl::custom
