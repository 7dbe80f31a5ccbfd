// MaxoutDense of Keras 1 and 2.0: the largest of several dense layers, element by element.
#include <algorithm>

#include "engine/layer.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/matmul.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

class MaxoutDense final : public Layer {
    std::int64_t output_dim = 0;
    std::int64_t nb_feature = 4;
    bool bias = true;
    Initializer init = Initializer::glorot_uniform();

    void config(ConfigIo& io) override {
        io.required("output_dim", output_dim, positive);
        io.optional("nb_feature", nb_feature, positive);
        io.optional("bias", bias);
        io.optional("init", init);
        for (const char* key : {"W_regularizer", "b_regularizer", "W_constraint", "b_constraint", "input_dim"})
            io.ignored(key);
    }

    WeightSpecs weights(const Shapes& in) const override {
        WeightSpecs specs = {{"W", {nb_feature, known_dim(in[0], 1), output_dim}, init}};
        if (bias) specs.push_back({"b", {nb_feature, output_dim}});
        return specs;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() == 2, "input must have rank 2, found shape ", in[0]);
        return {in[0].with_back(output_dim)};
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        Tensor dense = Tensor::uninitialized(y[0].dtype(), y[0].shape());
        for (std::int64_t i = 0; i < nb_feature; ++i) {
            ops::matmul(x[0], w["W"].rows(i, i + 1).reshaped({x[0].shape().back(), output_dim}), dense);
            if (bias) ops::add_bias(dense, w["b"].rows(i, i + 1).reshaped({output_dim}));
            if (i == 0) y[0] = dense;
            else larger(dense, y[0]);
        }
    }

    static void larger(const Tensor& x, Tensor& y) {
        with_float(y.dtype(),
                   [&]<class T>(Type<T>) { ops::binary<T>(y, x, y, [](T a, T b) { return std::max(a, b); }); });
    }
};

LAYERCTL_REGISTER_LAYER(MaxoutDense);

}  // namespace
}  // namespace layerctl
