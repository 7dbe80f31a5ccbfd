// A layer of the user: weights, sub-layers and an expression.
#include "engine/layers/custom/custom_layer.hpp"

#include <algorithm>

#include "engine/composite.hpp"
#include "engine/layers/custom/body.hpp"

namespace layerctl::custom {
namespace {

using expressions::Item;
using expressions::Purpose;

class CustomLayer final : public Composite {
public:
    explicit CustomLayer(std::shared_ptr<const LayerDefinition> definition) : body_(std::move(definition)) {}

private:
    void config(ConfigIo& io) override { body_.config(io, context()); }

    std::vector<std::string> call_arguments() const override { return body_.definition().inputs; }

    DType input_dtype(std::size_t, DType given) const override { return keep(given); }

    std::vector<Item> abstract(const Shapes& in, const DTypes* dtypes) const {
        require(in.size() == body_.definition().inputs.size(), "wanted ", body_.definition().inputs.size(),
                " inputs, found ", in.size());
        std::vector<Item> items;
        for (std::size_t i = 0; i < in.size(); ++i)
            items.push_back(expressions::abstract_item(in[i], dtypes == nullptr ? compute_dtype() : (*dtypes)[i]));
        return items;
    }

    WeightSpecs weights(const Shapes& in) const override { return body_.weights(abstract(in, nullptr)); }

    Shapes compute_output_shape(const Shapes& in) const override {
        Shapes shapes;
        for (const Item& item : outputs(body_.call(Purpose::shapes, abstract(in, nullptr), nullptr)))
            shapes.push_back(item.shape);
        return shapes;
    }

    OutputSpec compute_output_spec(const Shapes& in, const DTypes& dtypes) const override {
        OutputSpec spec;
        for (const Item& item : outputs(body_.call(Purpose::spec, abstract(in, &dtypes), nullptr))) {
            spec.shapes.push_back(item.shape);
            spec.dtypes.push_back(item.dtype);
        }
        return spec;
    }

    static std::vector<Item> outputs(const Item& result) {
        const std::vector<Item> items = result.kind == Item::Kind::sequence ? result.items : std::vector<Item>{result};
        for (const Item& item : items)
            if (!item.is_tensor())
                fail(Code::config, "'call' must return tensors, found ", expressions::described(item));
        return items;
    }

    Masks call_and_mask(const Tensors& x, const Masks& in, const Weights& w, Tensors&, Tensors& y) const override {
        std::vector<Item> variables;
        for (std::size_t i = 0; i < x.size(); ++i) {
            variables.push_back(expressions::tensor_item(x[i], body_.logical(x[i].dtype())));
            if (i < in.size()) variables.back().mask = in[i];
        }
        const std::vector<Item> results = outputs(body_.call(Purpose::run, variables, &w));
        if (results.size() != y.size()) fail(Code::unsupported, "the number of outputs changed to ", results.size());
        for (std::size_t k = 0; k < y.size(); ++k) y[k] = checked(results[k].tensor, y[k]);
        return masks_of(results, in);
    }

    /// What `call` gives must be what was promised, or layers behind would compute something else.
    static Tensor checked(const Tensor& result, const Tensor& promised) {
        if (!promised.has_value()) return result;  // only the run could tell
        if (result.dtype() != promised.dtype() || result.shape() != promised.shape())
            fail(Code::unsupported, "'call' returns ", result.dtype(), result.shape(), ", wanted ", promised.dtype(),
                 promised.shape());
        return result;
    }

    /// Masks that sub-layers hung on the outputs stay there; without them a layer that passes masks passes its own.
    Masks masks_of(const std::vector<Item>& results, const Masks& in) const {
        Masks masks;
        for (const Item& item : results) masks.push_back(item.mask);
        const auto has_mask = [](const Tensor& mask) { return mask.has_value(); };
        if (body_.definition().passes_mask && !in.empty() && !std::all_of(masks.begin(), masks.end(), has_mask))
            masks.assign(results.size(), in.front());
        return masks;
    }

    bool supports_masking() const override { return body_.definition().passes_mask; }

    Body body_;
};

}  // namespace

std::unique_ptr<Layer> make_custom_layer(std::shared_ptr<const LayerDefinition> definition) {
    return std::make_unique<CustomLayer>(std::move(definition));
}

}  // namespace layerctl::custom
