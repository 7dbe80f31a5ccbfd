// Concatenate: the inputs one after another along an axis.
#include "engine/ops/concatenate.hpp"

#include <algorithm>
#include <functional>

#include "engine/lowering.hpp"
#include "engine/ops/transpose.hpp"

namespace layerctl {
namespace {

class Concatenate final : public Layer, public Lowers {
    std::int64_t axis = -1;

    void config(ConfigIo& io) override { io.optional("axis", axis); }

    Shapes compute_output_shape(const Shapes& in) const override {
        Shape out = in[0];
        const std::size_t joined = resolve_axis(axis, out.rank());
        for (std::size_t i = 1; i < in.size(); ++i) {
            require(in[i].rank() == out.rank() && in[i].with(joined, 0).is_compatible_with(out.with(joined, 0)),
                    "inputs must be alike but for axis ", joined, ", found shapes ", in);
            for (std::size_t k = 0; k < out.rank(); ++k) {
                if (k == joined) out[k] = in[i][k] < 0 || out[k] < 0 ? Shape::unknown : out[k] + in[i][k];
                else out[k] = std::max(out[k], in[i][k]);
            }
        }
        return {out};
    }

    DType input_dtype(std::size_t, DType given) const override { return keep(given); }

    DTypes compute_output_dtype(const DTypes& in) const override {
        if (std::adjacent_find(in.begin(), in.end(), std::not_equal_to<>()) == in.end()) return {in.front()};
        if (std::none_of(in.begin(), in.end(), is_floating))
            fail(Code::unsupported, "inputs of different integer dtypes");
        return {compute_dtype()};
    }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        Tensors parts;
        for (const Tensor& part : x) parts.push_back(part.dtype() == y[0].dtype() ? part : part.cast(y[0].dtype()));
        y[0] = ops::concatenate(parts, resolve_axis(axis, y[0].shape().rank()));
    }

    std::optional<Request> lower(const Shapes& in, const Weights&) const override {
        return Join{resolve_axis(axis, in[0].rank())};
    }

    MaskRule mask_rule() const override { return {MaskRule::Inputs::refused}; }

    /// The masks, spread over their inputs and concatenated alike; a row counts if all (Keras 2) or any (Keras 3) of
    /// its last axis does.
    Masks compute_mask(const Tensors& x, const Masks& in) const override {
        if (std::none_of(in.begin(), in.end(), [](const Tensor& mask) { return mask.has_value(); })) return {Tensor()};
        Tensors parts;
        for (std::size_t i = 0; i < x.size(); ++i) parts.push_back(spread(in[i], x[i].shape()));
        const Tensor joined = ops::concatenate(parts, resolve_axis(axis, x[0].shape().rank()));
        return {reduced(joined)};
    }

    static Tensor spread(const Tensor& mask, const Shape& shape) {
        if (!mask.has_value()) {
            Tensor all(DType::boolean, shape);
            for (bool& flag : all.mutable_values<bool>()) flag = true;
            return all;
        }
        std::vector<std::int64_t> dims = mask.shape().dims();
        if (dims.size() < shape.rank()) dims.push_back(1);
        return ops::broadcast_to(mask.reshaped(Shape(std::move(dims))), shape);
    }

    Tensor reduced(const Tensor& joined) const {
        const bool any = context().dialect == Dialect::keras3;
        Tensor out(DType::boolean, joined.shape().slice(0, joined.shape().rank() - 1));
        const bool* flag = joined.values<bool>().data();
        const std::int64_t n = joined.shape().back();
        for (bool& result : out.mutable_values<bool>()) {
            result = any ? std::find(flag, flag + n, true) != flag + n : std::find(flag, flag + n, false) == flag + n;
            flag += n;
        }
        return out;
    }
};

LAYERCTL_REGISTER_LAYER(Concatenate);

}  // namespace
}  // namespace layerctl
