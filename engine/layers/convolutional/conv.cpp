#include "engine/layers/convolutional/conv.hpp"

#include "engine/ops/matmul.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
void Conv::config(ConfigIo& io) {
    io.required("filters", filters, positive);
    window_config(io, window.rank() == 1);
    dilation_config(io);
    io.optional("groups", groups, positive);
    output_config(io);
    weight_config(io, "kernel", kernel_initializer);
    weight_config(io, "bias", bias_initializer);
    io.optional("lora_rank", lora_rank, [](const auto& rank) { return rank ? positive(*rank) : nullptr; });
    io.optional("lora_alpha", lora_alpha);
}

WeightSpecs Conv::weights(const Shapes& in) const {
    const std::int64_t channels = split(in[0]).channels;
    WeightSpecs specs = {{"kernel", kernel_shape({channels / groups, filters}), kernel_initializer, !lora_rank}};
    add_bias_to(specs, filters);
    if (lora_rank) {
        specs.push_back({"lora_kernel_a", kernel_shape({channels / groups, *lora_rank}), {"HeUniform"}});
        specs.push_back({"lora_kernel_b", {*lora_rank, filters}});
    }
    return specs;
}

std::int64_t Conv::output_channels(const ops::SpatialShape& in) const {
    require(in.channels % groups == 0, "wanted channels divisible by ", groups, " groups, found ", in.channels);
    require(filters % groups == 0, "wanted filters divisible by ", groups, " groups, found ", filters);
    return filters;
}

// A low-rank update counts on top of the frozen kernel: kernel + alpha / rank · a · b.
Tensor Conv::kernel(const Weights& w) const {
    Tensor kernel = w["kernel"];
    if (!lora_rank) return kernel;
    const Tensor& a = w["lora_kernel_a"];
    with_float(kernel.dtype(), [&]<class T>(Type<T>) {
        const auto rows = static_cast<std::int64_t>(kernel.elements()) / filters;
        const double alpha = lora_alpha.value_or(static_cast<double>(*lora_rank)) / static_cast<double>(*lora_rank);
        ops::gemm(ops::Gemm<T>{.m = rows,
                               .n = filters,
                               .k = *lora_rank,
                               .a = a.values<T>().data(),
                               .lda = *lora_rank,
                               .b = w["lora_kernel_b"].values<T>().data(),
                               .ldb = filters,
                               .c = kernel.mutable_values<T>().data(),
                               .ldc = filters,
                               .alpha = static_cast<T>(alpha),
                               .beta = 1});
    });
    return kernel;
}

void Conv::convolve(const ops::ConvShape& shape, const Tensor& x, const Weights& w, Tensor& y) const {
    ops::ConvShape grouped = shape;
    grouped.groups = groups;
    ops::conv(grouped, x, kernel(w), y);
}

}  // namespace layerctl
