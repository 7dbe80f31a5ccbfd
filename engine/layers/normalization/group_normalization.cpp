// GroupNormalization: standardizes every sample within groups of neighbouring channels.
#include "engine/layer.hpp"
#include "engine/layers/normalization/center_scale.hpp"
#include "engine/ops/moments.hpp"

namespace layerctl {
namespace {

class GroupNormalization final : public KeepsIntegers {
    std::int64_t groups = 32;  // −1: every channel is a group
    std::int64_t axis = -1;
    double epsilon = 1e-3;
    CenterScale center_scale;

    void config(ConfigIo& io) override {
        io.optional("groups", groups, [](std::int64_t n) { return n > 0 || n == -1 ? nullptr : "positive or -1"; });
        io.optional("axis", axis);
        io.optional("epsilon", epsilon, not_negative);
        center_scale.config(io);
    }

    std::size_t channel_axis(const Shape& in) const {
        const std::size_t channel = resolve_axis(axis, in.rank());
        if (channel == 0) fail(Code::config, "config key 'axis': must not be the batch axis");
        return channel;
    }

    WeightSpecs weights(const Shapes& in) const override {
        WeightSpecs specs;
        center_scale.add_weights({known_dim(in[0], channel_axis(in[0]))}, specs);
        return specs;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        const std::int64_t channels = known_dim(in[0], channel_axis(in[0]));
        require(groups == -1 || (channels >= groups && channels % groups == 0), "wanted channels in ", groups,
                " equal groups, found ", channels, " in shape ", in[0]);
        return {in[0]};
    }

    bool supports_masking() const override { return true; }

    void call_floats(const Tensors& x, const Weights& w, Tensors& y) const override {
        const Shape& shape = x[0].shape();
        const std::size_t channel = channel_axis(shape);
        std::vector<std::int64_t> grouped = shape.dims();
        grouped[channel] = groups == -1 ? 1 : shape[channel] / groups;
        grouped.insert(grouped.begin() + static_cast<std::ptrdiff_t>(channel), shape[channel] / grouped[channel]);
        std::vector<std::size_t> within;  // all axes but those of the batch and of the groups
        for (std::size_t i = 1; i < grouped.size(); ++i)
            if (i != channel) within.push_back(i);
        Tensor values = x[0].reshaped(Shape(grouped));
        ops::standardize(values, within, epsilon);
        y[0] = values.reshaped(shape);
        center_scale.apply(w, broadcast_shape_of(shape, {channel}), y[0]);
    }

    void call_masked(const Tensors& x, const Masks&, const Weights& w, Tensors& y) const override {
        if (context().dialect != Dialect::keras3)
            fail(Code::unsupported, "a masked input, whose statistics Keras 2 weighs by the mask");
        call(x, w, y);
    }
};

LAYERCTL_REGISTER_LAYER(GroupNormalization);

}  // namespace
}  // namespace layerctl
