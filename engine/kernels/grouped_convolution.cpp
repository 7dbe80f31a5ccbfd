// Convolutions in groups: the channels of each are copied together for a convolution of its own.
#include <algorithm>

#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"

namespace layerctl {
namespace {

/// The filters of one group of several, along the last axis.
Tensor filters_of(const Tensor& weights, std::int64_t group, std::int64_t groups) {
    const std::int64_t all = weights.shape().back(), n = all / groups;
    const std::size_t rows = weights.elements() / static_cast<std::size_t>(all);
    return Tensor::from(
        weights.shape().with_back(n),
        columns_of(weights.values<float>(), rows, static_cast<std::size_t>(group * n), static_cast<std::size_t>(n)));
}

Convolution group_of(const Convolution& request, std::int64_t group) {
    const std::int64_t groups = request.shape.groups;
    Convolution one = request;
    one.shape.channels /= groups;
    one.shape.filters /= groups;
    one.shape.groups = 1;
    one.kernel = filters_of(request.kernel, group, groups);
    if (request.bias.has_value()) one.bias = filters_of(request.bias, group, groups);
    if (request.factor.has_value()) one.factor = filters_of(request.factor, group, groups);
    return one;
}

/// Rows of n numbers, from places that are `stride` apart to others.
void copy_rows(const float* from, std::size_t from_stride, std::size_t rows, std::size_t n, float* to,
               std::size_t to_stride) {
    for (std::size_t row = 0; row < rows; ++row, from += from_stride, to += to_stride) std::copy_n(from, n, to);
}

class GroupedConvolutionKernel final : public Kernel {
public:
    using Groups = std::vector<std::unique_ptr<const Kernel>>;

    GroupedConvolutionKernel(const ops::ConvShape& shape, Groups groups)
        : groups_(std::move(groups)),
          rows_in_(static_cast<std::size_t>(shape.batch * ops::input_positions(shape.axes))),
          rows_out_(static_cast<std::size_t>(shape.batch * ops::output_positions(shape.axes))),
          channels_(static_cast<std::size_t>(shape.channels / shape.groups)),
          filters_(static_cast<std::size_t>(shape.filters / shape.groups)) {}

    const char* name() const override { return "grouped convolution"; }

    std::size_t scratch() const override { return rows_in_ * channels_ + rows_out_ * filters_ + groups_[0]->scratch(); }

    void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const override {
        float* in = scratch;
        float* out = in + rows_in_ * channels_;
        for (std::size_t group = 0; group < groups_.size(); ++group) {
            copy_rows(x[0] + group * channels_, groups_.size() * channels_, rows_in_, channels_, in, channels_);
            const float* const from = in;
            groups_[group]->run(&from, &out, out + rows_out_ * filters_, workers);
            copy_rows(out, filters_, rows_out_, filters_, y[0] + group * filters_, groups_.size() * filters_);
        }
    }

private:
    Groups groups_;
    std::size_t rows_in_, rows_out_;
    std::size_t channels_, filters_;  // of a group
};

}  // namespace

Candidate make_grouped(const Convolution& request, const Shape& in, bool exact, const PackedWeights& weights) {
    if (!simd::curve_of(request.activation)) return Candidate::no("its activation");
    const Shapes channels = {in.with_back(request.shape.channels / request.shape.groups)};
    GroupedConvolutionKernel::Groups groups;
    for (std::int64_t group = 0; group < request.shape.groups; ++group) {
        Candidate one = make_kernel(group_of(request, group), channels, {DType::float32}, channels, exact,
                                    weights.part(std::to_string(group)));
        if (one.kernel == nullptr) return one;
        groups.push_back(std::move(one.kernel));
    }
    return {std::make_unique<GroupedConvolutionKernel>(request.shape, std::move(groups)), ""};
}

}  // namespace layerctl
