// Pipeline: layers one after another, as one layer.
#include "engine/layers/wrapped_layers.hpp"

namespace layerctl {
namespace {

bool any(const Masks& masks) {
    for (const Tensor& mask : masks)
        if (mask.has_value()) return true;
    return false;
}

class Pipeline final : public Layer {
    WrappedLayers layers;

    void config(ConfigIo& io) override {
        layers.set_context(context());
        io.required("layers", layers);
    }

    static std::string prefix(std::size_t i) { return cat("layers/", i); }

    WeightSpecs weights(const Shapes& in) const override {
        WeightSpecs all;
        Shapes shapes = in;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            for (WeightSpec& spec : layers[i].weights(prefix(i), shapes)) all.push_back(std::move(spec));
            shapes = layers[i]->compute_output_shape(shapes);
        }
        return all;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        Shapes shapes = in;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            if (!layers[i]->state_shapes(shapes).empty())
                fail(Code::unsupported, "a stateful layer inside another layer");
            shapes = layers[i]->compute_output_shape(shapes);
        }
        return shapes;
    }

    DType input_dtype(std::size_t, DType given) const override { return given; }

    static DTypes wanted(const Layer& layer, DTypes dtypes) {
        for (std::size_t k = 0; k < dtypes.size(); ++k) dtypes[k] = layer.input_dtype(k, dtypes[k]);
        return dtypes;
    }

    DTypes compute_output_dtype(const DTypes& in) const override {
        DTypes dtypes = in;
        for (std::size_t i = 0; i < layers.size(); ++i)
            dtypes = layers[i]->compute_output_dtype(wanted(*layers[i], dtypes));
        return dtypes;
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override { call_masked(x, {}, w, y); }

    void call_masked(const Tensors& x, const Masks& in, const Weights& w, Tensors& y) const override {
        Tensors tensors = x;
        Masks masks = in;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            Tensors out = run(*layers[i], tensors, masks, w.below(prefix(i)));
            masks = layers[i]->compute_mask(tensors, masks);
            tensors = std::move(out);
        }
        y = std::move(tensors);
    }

    /// One layer; `x` becomes what it asked for.
    static Tensors run(const Layer& layer, Tensors& x, const Masks& masks, const Weights& w) {
        Shapes shapes;
        DTypes dtypes;
        for (std::size_t k = 0; k < x.size(); ++k) {
            const DType dtype = layer.input_dtype(k, x[k].dtype());
            x[k] = x[k].cast(dtype);
            dtypes.push_back(dtype);
            shapes.push_back(x[k].shape());
        }
        Tensors y;
        const Shapes out = layer.compute_output_shape(shapes);
        const DTypes types = layer.compute_output_dtype(dtypes);
        for (std::size_t k = 0; k < out.size(); ++k) y.push_back(Tensor::uninitialized(types[k], out[k]));
        layer.call_masked(x, masks, w, y);
        return y;
    }

    // The tensors between the layers are gone by now; only a first layer may make a mask of what it sees.
    Masks compute_mask(const Tensors& x, const Masks& in) const override {
        Masks masks = in;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            Masks next = layers[i]->compute_mask(x, masks);
            if (i > 0 && any(next) && !any(masks))
                fail(Code::unsupported, "a layer that makes a mask, behind another in a Pipeline");
            masks = std::move(next);
        }
        return masks;
    }
};

LAYERCTL_REGISTER_LAYER(Pipeline);

}  // namespace
}  // namespace layerctl
