// Layer: what one Keras layer class does — its config, weights, shapes and arithmetic — in one object.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/initializer.hpp"
#include "models/config_io.hpp"
#include "models/dtype.hpp"
#include "models/error.hpp"
#include "models/layer_spec.hpp"
#include "models/output_spec.hpp"
#include "models/tensor.hpp"

namespace layerctl {

/// A weight as a layer declares it, in Keras' order. `name` is a path for wrapped layers: "layer/kernel".
struct WeightSpec {
    std::string name;
    Shape shape;  // an unknown dimension takes any size; as in Keras such a weight counts no parameters
    Initializer initializer = {};     // how a new model fills it
    bool trainable = true;            // false: moving statistics and other state
    std::optional<DType> dtype = {};  // nothing: the layer's variable dtype
};
using WeightSpecs = std::vector<WeightSpec>;

/// The weights bound to a layer, found by declared name.
class Weights {
public:
    void add(std::string name, Tensor tensor) { entries_.push_back({std::move(name), std::move(tensor)}); }

    /// The weight of that name; Code::internal if the layer declared none.
    const Tensor& operator[](std::string_view name) const;

    /// The weights whose names begin with `prefix` + "/", without it: those of a wrapped layer.
    Weights below(std::string_view prefix) const;

    bool empty() const noexcept { return entries_.empty(); }
    std::size_t size() const noexcept { return entries_.size(); }
    const std::string& name(std::size_t i) const { return entries_[i].first; }
    const Tensor& tensor(std::size_t i) const { return entries_[i].second; }

private:
    std::vector<std::pair<std::string, Tensor>> entries_;
};

/// Boolean tensors, one per input or output; an empty Tensor where there is no mask.
using Masks = std::vector<Tensor>;

/// What the graph tells a layer about itself before anything else is asked of it.
struct LayerContext {
    std::string name;
    Dialect dialect = Dialect::keras2;
    DType compute_dtype =
        DType::float32;  // of the dtype policy: what `call` sees and returns (halves travel as float32)
    DType variable_dtype = DType::float32;  // what weights are kept in
    const CustomObjects* custom = nullptr;  // of the user; lives as long as the layer

    ConfigScope scope() const { return {dialect, custom}; }
};

class Layer {
public:
    virtual ~Layer() = default;

    /// Names every field of the config, once (`from_config` and `get_config`). Keys not named here are refused.
    virtual void config(ConfigIo& io) = 0;

    /// Names the non-tensor arguments of a call (`use_causal_mask` …); `training` and `mask` are the graph's business.
    virtual void call_config(ConfigIo&) {}

    /// For operation nodes, which take a recorded call as it stands: constants in place of tensors, tensors in place of
    /// numbers. Their inputs are the tensors of the call in the order of Call::tensors; `call_config` and
    /// `call_arguments` are not asked.
    virtual bool binds_call() const { return false; }
    virtual void bind_call(const Call&) {}

    /// Names of the tensor arguments of a call, in order, when it takes more than `inputs`: {"query", "value", "key"}.
    /// A tensor given by keyword takes the place of its name. Trailing ones may be missing. A last name that ends in
    /// "..." takes any number of tensors: {"sequences", "initial_state..."}.
    virtual std::vector<std::string> call_arguments() const { return {}; }

    /// The weights for inputs of these shapes (`build`), in Keras' order. Needed dimensions that are unknown:
    /// `require`.
    virtual WeightSpecs weights(const Shapes&) const { return {}; }

    /// Shapes of the outputs, batch first; dimensions may be unknown. Checks rank and sizes of the inputs.
    virtual Shapes compute_output_shape(const Shapes& in) const = 0;

    /// The dtype `call` wants input `i` in. Default: numbers arrive in the compute dtype.
    /// Layers that only move elements return `keep(given)`.
    virtual DType input_dtype(std::size_t i, DType given) const;

    /// Dtypes of the outputs for inputs already in `input_dtype`. Default: that of the first input.
    virtual DTypes compute_output_dtype(const DTypes& in) const;

    /// Both at once, for inputs already in `input_dtype`; for layers whose dtypes hang on shapes or the reverse.
    virtual OutputSpec compute_output_spec(const Shapes& in, const DTypes& dtypes) const;

    /// Inference. `y` holds the outputs, shaped and typed but not initialised; an implementation fills `y[i]`
    /// or assigns a tensor of the same dtype and shape to it; it must where the shape was unknown until then.
    virtual void call(const Tensors& x, const Weights& w, Tensors& y) const = 0;

    /// The same with the masks of the inputs; for layers that heed them.
    virtual void call_masked(const Tensors& x, const Masks&, const Weights& w, Tensors& y) const { call(x, w, y); }

    /// Shapes of what the layer keeps from one call to the next; zeros before the first. Empty for most layers.
    virtual Shapes state_shapes(const Shapes&) const { return {}; }

    /// Inference of a layer that keeps state: `state` is what the last call left and what the next will find.
    /// The caller owns it; the layer stays as it is.
    virtual void call_stateful(const Tensors& x, const Masks& masks, const Weights& w, Tensors& state,
                               Tensors& y) const;

    /// Keras' flag: the first input's mask goes on to every output. Without it a mask stops here.
    virtual bool supports_masking() const { return false; }

    /// The masks of the inputs are gone once the layer has run: whoever reads the same tensors later sees none.
    virtual bool takes_masks_off() const { return false; }

    /// Masks of the outputs. `x` are the inputs, `in` their masks.
    virtual Masks compute_mask(const Tensors& x, const Masks& in) const;

    const LayerContext& context() const noexcept { return context_; }
    void set_context(LayerContext context) { context_ = std::move(context); }

protected:
    DType compute_dtype() const noexcept { return context_.compute_dtype; }

    /// Floats become the compute dtype, everything else stays what it is.
    DType keep(DType given) const { return is_floating(given) ? compute_dtype() : given; }

private:
    LayerContext context_;
};

/// Throws Code::shape with the parts as message unless the condition holds.
template <class... Parts>
void require(bool condition, const Parts&... parts) {
    if (!condition) fail(Code::shape, parts...);
}

/// The last dimension, which must be known: the number of input features or channels.
std::int64_t known_dim(const Shape& shape, std::size_t axis);

}  // namespace layerctl

#include "engine/registry.hpp"
