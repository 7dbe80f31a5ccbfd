// LayerScale, of keras.applications' ConvNeXt: y = gamma · x, a learned factor per channel.
#include <functional>

#include "engine/layer.hpp"
#include "engine/ops/broadcast.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

class LayerScale final : public Layer {
    double init_values = 0;
    std::int64_t projection_dim = 0;

    void config(ConfigIo& io) override {
        io.required("init_values", init_values);
        io.required("projection_dim", projection_dim, positive);
    }

    WeightSpecs weights(const Shapes&) const override {
        return {{"gamma", {projection_dim}, {"Constant", Value::object({{"value", init_values}})}}};
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(ops::broadcast_shape({projection_dim}, in[0]) == in[0], "wanted ", projection_dim,
                " channels, found shape ", in[0]);
        return {in[0]};
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        with_float(y[0].dtype(),
                   [&]<class T>(Type<T>) { ops::binary<T>(x[0], w["gamma"], y[0], std::multiplies<T>()); });
    }
};

LAYERCTL_REGISTER_LAYER(LayerScale);

}  // namespace
}  // namespace layerctl
