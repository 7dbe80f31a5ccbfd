// InputLayer: where a model's input enters; its config states shape and dtype.
#include "engine/layer.hpp"

namespace layerctl {
namespace {

class InputLayer final : public Layer {
    std::optional<std::vector<std::optional<std::int64_t>>> batch_shape;
    bool ragged = false;  // what it means for other layers: engine/graph/ragged_rows.hpp

    void config(ConfigIo& io) override {
        io.required({"batch_shape", "batch_input_shape"}, batch_shape);
        io.ignored("sparse");  // a dense array holds the same values
        if (io.dialect() == Dialect::keras2) io.optional("ragged", ragged);
        else io.only("ragged", false);
        io.ignored("optional");  // whether None may stand for the tensor; one that is given passes either way
    }

    Shapes compute_output_shape(const Shapes&) const override {
        require(batch_shape.has_value(), "the input shape is nowhere stated: the model was saved before it was built");
        std::vector<std::int64_t> dims;
        for (const std::optional<std::int64_t>& dim : *batch_shape) {
            require(dim.value_or(0) >= 0, "wanted dimensions of zero or more, found ", dim.value_or(0));
            dims.push_back(dim.value_or(Shape::unknown));
        }
        return {Shape(std::move(dims))};
    }

    DType input_dtype(std::size_t, DType given) const override { return given; }

    DTypes compute_output_dtype(const DTypes&) const override { return {compute_dtype()}; }

    /// That of a nested model gets its mask from the call in Keras 3, and in Keras 2 loses it where it casts.
    bool supports_masking() const override { return context().dialect == Dialect::keras3; }

    void call(const Tensors& x, const Weights&, Tensors& y) const override { y[0] = x[0]; }
};

LAYERCTL_REGISTER_LAYER(InputLayer);

}  // namespace
}  // namespace layerctl
