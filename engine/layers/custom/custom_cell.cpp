// A recurrent cell of the user.
#include "engine/layers/custom/body.hpp"
#include "engine/layers/custom/custom_layer.hpp"
#include "engine/layers/rnn/cell.hpp"

namespace layerctl::custom {
namespace {

using expressions::Item;
using expressions::Purpose;

class CustomCell final : public Cell {
public:
    explicit CustomCell(std::shared_ptr<const LayerDefinition> definition) : body_(std::move(definition)) {}

private:
    void config(ConfigIo& io) override { body_.config(io, context()); }

    Shape with_batch(const expressions::Program& size, const Shape& x) const {
        return body_.shape(size, {expressions::abstract_item(x, compute_dtype())}).prepended(x.front());
    }

    Shapes states_of(const Shape& x) const override {
        Shapes shapes;
        for (const StateDefinition& state : body_.definition().states) shapes.push_back(with_batch(state.shape, x));
        return shapes;
    }

    Shape output_of(const Shape& x) const override {
        const Shape output = split(body_.call(Purpose::shapes, abstract(x), nullptr)).output.shape;
        if (const auto& size = body_.definition().output_size) {
            const Shape wanted = with_batch(*size, x);
            require(wanted.is_compatible_with(output), "'output_size' is ", wanted, ", 'call' returns ", output);
        }
        return output;
    }

    /// x, the list of states, the states.
    static std::vector<Item> variables(Item x, std::vector<Item> states) {
        std::vector<Item> items = {std::move(x), expressions::sequence_item(states)};
        std::move(states.begin(), states.end(), std::back_inserter(items));
        return items;
    }

    std::vector<Item> abstract(const Shape& x) const {
        std::vector<Item> states;
        for (const Shape& shape : states_of(x)) states.push_back(expressions::abstract_item(shape, compute_dtype()));
        return variables(expressions::abstract_item(x, compute_dtype()), std::move(states));
    }

    WeightSpecs weights(const Shapes& in) const override { return body_.weights(abstract(in[0])); }

    struct Result {
        Item output;
        std::vector<Item> states;
    };

    Result split(const Item& result) const {
        const std::size_t count = body_.definition().states.size();
        const bool pair = result.kind == Item::Kind::sequence && result.items.size() == 2;
        if (!pair) fail(Code::config, "'call' of a cell must return the output and the list of new states");
        Result parts{result.items[0], {result.items[1]}};
        if (result.items[1].kind == Item::Kind::sequence) parts.states = result.items[1].items;
        if (parts.states.size() != count)
            fail(Code::config, "wanted ", count, " new states, found ", parts.states.size());
        for (const Item& state : parts.states)
            if (!state.is_tensor() || !parts.output.is_tensor())
                fail(Code::config, "'call' of a cell must return tensors, found ", expressions::described(state));
        return parts;
    }

    Tensor project(const Tensor& x, const Weights&) const override { return x; }

    Tensor step(const Tensor& x, const Weights& w, Tensors& states) const override {
        std::vector<Item> items;
        for (const Tensor& state : states)
            items.push_back(expressions::tensor_item(state, body_.logical(state.dtype())));
        Result result = split(body_.call(
            Purpose::run, variables(expressions::tensor_item(x, body_.logical(x.dtype())), std::move(items)), &w));
        for (std::size_t i = 0; i < states.size(); ++i) {
            const Tensor& next = result.states[i].tensor;
            if (next.shape() != states[i].shape() || next.dtype() != states[i].dtype())
                fail(Code::config, "state '", body_.definition().states[i].name, "': wanted ", states[i].dtype(),
                     states[i].shape(), ", found ", next.dtype(), next.shape());
            states[i] = next;
        }
        if (result.output.tensor.dtype() != x.dtype())
            fail(Code::unsupported, "a cell that returns ", result.output.tensor.dtype(), " of ", x.dtype());
        return result.output.tensor;
    }

    Body body_;
};

}  // namespace

std::unique_ptr<Layer> make_custom_cell(std::shared_ptr<const LayerDefinition> definition) {
    return std::make_unique<CustomCell>(std::move(definition));
}

}  // namespace layerctl::custom
