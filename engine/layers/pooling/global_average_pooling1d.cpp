// GlobalAveragePooling1D: the mean along time, per channel, of the steps a mask leaves.
#include "engine/layers/pooling/global_pooling.hpp"

namespace layerctl {
namespace {

class GlobalAveragePooling1D final : public GlobalPooling {
public:
    GlobalAveragePooling1D() : GlobalPooling(1, ops::Pooling::average) {}

private:
    std::optional<Request> lower(const Shapes&, const Weights&) const override {
        if (data_format == DataFormat::channels_first) return {};
        return Reduce{.pooling = ops::Pooling::average, .heeds_mask = true};
    }

    MaskRule mask_rule() const override { return {MaskRule::Inputs::heeded}; }

    void call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const override {
        if (!masks[0].has_value()) return call(x, w, y);
        if (is_integer(y[0].dtype())) fail(Code::unsupported, "the mean of masked elements of dtype ", y[0].dtype());
        const Tensor steps = data_format == DataFormat::channels_last ? x[0] : ops::to_channels_last(x[0], 1);
        require(masks[0].shape() == steps.shape().slice(0, 2), "wanted a mask of shape ", steps.shape().slice(0, 2),
                ", found ", masks[0].shape());
        ops::masked_average(steps, masks[0], y[0]);
    }
};

LAYERCTL_REGISTER_LAYER(GlobalAveragePooling1D);
LAYERCTL_REGISTER_ALIAS(GlobalAveragePooling1D, GlobalAvgPool1D);

}  // namespace
}  // namespace layerctl
