// Dot: the product of two tensors, summed along one axis of each, sample by sample.
#include "engine/counts_macs.hpp"
#include "engine/layer.hpp"
#include "engine/layers/through_floats.hpp"
#include "engine/ops/axes.hpp"
#include "engine/ops/einsum.hpp"
#include "engine/ops/moments.hpp"

namespace layerctl {
namespace {

class Dot final : public Layer, public CountsMacs {
    AxisList axes;  // one for both inputs, or one for each
    bool normalize = false;

    void config(ConfigIo& io) override {
        io.required("axes", axes, [](const AxisList& list) {
            return list.values.size() == (list.is_list ? 2 : 1) ? nullptr : "an integer or a pair of integers";
        });
        io.optional("normalize", normalize);
    }

    std::size_t summed_axis(const Shape& shape, std::size_t input) const {
        const std::size_t axis = resolve_axis(axes.values[input % axes.values.size()], shape.rank());
        if (axis == 0) fail(Code::config, "config key 'axes': must not name the batch axis");
        return axis;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in.size() == 2, "wanted 2 inputs, found ", in.size());
        require(in[0].rank() >= 2 && in[1].rank() >= 2, "inputs must have rank 2 or more, found shapes ", in);
        const std::size_t a = summed_axis(in[0], 0), b = summed_axis(in[1], 1);
        require(Shape{in[0][0], in[0][a]}.is_compatible_with({in[1][0], in[1][b]}), "shapes ", in,
                " differ in the batch axis or in axes ", a, " and ", b);
        std::vector<std::int64_t> dims;
        for (std::size_t i = 0; i < in[0].rank(); ++i)
            if (i != a) dims.push_back(in[0][i]);
        for (std::size_t i = 1; i < in[1].rank(); ++i)
            if (i != b) dims.push_back(in[1][i]);
        if (dims.size() == 1) dims.push_back(1);
        return {Shape(std::move(dims))};
    }

    // Integers stay integers among themselves.
    DType input_dtype(std::size_t, DType given) const override { return normalize ? compute_dtype() : keep(given); }
    DTypes compute_output_dtype(const DTypes& in) const override {
        return {in[0] == in[1] ? in[0] : compute_dtype()};
    }

    std::optional<std::int64_t> macs(const Shapes& in) const override {
        return ops::macs(sum_of(in[0], in[1]), in[0], in[1]);
    }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        if (x[0].dtype() != x[1].dtype()) return dot({x[0].cast(compute_dtype()), x[1].cast(compute_dtype())}, y);
        through_floats(DType::float64, x, y, [&](const Tensors& in, Tensors& out) { dot(in, out); });
    }

    ops::Einsum sum_of(const Shape& x, const Shape& other) const {
        const std::size_t a = summed_axis(x, 0), b = summed_axis(other, 1);
        ops::Einsum sum;
        for (std::size_t i = 0; i < x.rank(); ++i) sum.a += static_cast<char>(i == a ? 'z' : 'A' + i);
        for (std::size_t i = 0; i < other.rank(); ++i) sum.b += static_cast<char>(i == b ? 'z' : 'a' + i);
        sum.b[0] = 'A';
        for (const char label : sum.a + sum.b.substr(1))
            if (label != 'z') sum.y += label;
        return sum;
    }

    void dot(const Tensors& x, Tensors& y) const {
        const Shape &a = x[0].shape(), &b = x[1].shape();
        const Tensor left = prepared(x[0], summed_axis(a, 0)), right = prepared(x[1], summed_axis(b, 1));
        y[0] = ops::einsum(sum_of(a, b), left, right).reshaped(y[0].shape());
    }

    Tensor prepared(Tensor x, std::size_t axis) const {
        // Keras 2 keeps the squared length above 1e-12, Keras 3 the length above 1e-7.
        if (normalize) ops::l2_normalize(x, {axis}, context().dialect == Dialect::keras3 ? 1e-7 : 1e-6);
        return x;
    }
};

LAYERCTL_REGISTER_LAYER(Dot);

}  // namespace
}  // namespace layerctl
