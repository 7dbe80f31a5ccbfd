// Kernel: one request of a layer, prepared for known shapes. Immutable; threads share it.
#pragma once

#include <memory>
#include <string>

#include "engine/kernels/packed_weights.hpp"
#include "engine/kernels/workers.hpp"
#include "engine/lowering.hpp"

namespace layerctl {

class Kernel {
public:
    virtual ~Kernel() = default;

    /// As `layerctl profile` calls it: "gemm".
    virtual const char* name() const = 0;

    /// Floats that a run needs besides its inputs and outputs; they are not initialised and not kept.
    virtual std::size_t scratch() const { return 0; }

    /// Whether it can compute these inputs; if not, their layers do, or say what is wrong with them.
    virtual bool takes(const float* const*) const { return true; }

    /// Whether the only output may lie where that input lies, which is lost then.
    virtual bool may_replace(std::size_t) const { return false; }

    /// Arrays of the shapes the kernel was made for: float32, inputs where the request says so of other dtypes. Outputs
    /// do not overlap inputs but for those that they may replace. Behind the inputs come states that are kept and, if
    /// the layer heeds any, the masks of the inputs, null where there is none; behind the outputs a mask that is made
    /// and the states for the next run, which may lie where they lay before.
    virtual void run(const float* const* x, float* const* y, float* scratch, Workers& workers) const = 0;
};

/// A kernel, or why there is none; with a kernel, why there is no faster one.
struct Candidate {
    std::unique_ptr<const Kernel> kernel;
    std::string declined;

    static Candidate no(std::string reason) { return {nullptr, std::move(reason)}; }
};

/// The kernel for inputs and outputs of these known shapes, and inputs of these dtypes; if `exact`, none that rounds
/// otherwise than sums of products do.
Candidate make_kernel(const Request& request, const Shapes& in, const DTypes& dtypes, const Shapes& out, bool exact,
                      const PackedWeights& weights);

// One function per request, each in the file of its kernel.
Candidate make_kernel(const Product& request, const Shape& in, const PackedWeights& weights);
Candidate make_kernel(const Convolution& request, const Shape& in, const PackedWeights& weights);
Candidate make_winograd(const Convolution& request, const PackedWeights& weights);
Candidate make_convolution(const Convolution& request, const Shape& in, bool exact, const PackedWeights& weights);
Candidate make_kernel(const Scale& request, const Shape& in);
Candidate make_kernel(const Normalize& request, const Shape& in);
Candidate make_kernel(const Elementwise& request, const Shape& in);
Candidate make_kernel(const Recurrence& request, const Shapes& in, const PackedWeights& weights);
Candidate make_kernel(const Bidirection& request, const Shapes& in, const PackedWeights& weights);
Candidate make_kernel(const DotProductAttention& request, const Shapes& in, const PackedWeights& weights);
Candidate make_kernel(const Gather& request, const Shape& in, DType dtype);
Candidate make_kernel(const MaskRows& request, const Shape& in);
Candidate make_kernel(const ConvRecurrence& request, const Shapes& in, bool exact, const PackedWeights& weights);
Candidate make_kernel(const Strided& request);
Candidate make_copy(const Shape& in);
Candidate make_softmax(const AxisList& axes, const Shape& in);
Candidate make_kernel(const Depthwise& request, const Shape& in);
Candidate make_kernel(const Separable& request, const Shape& in, const PackedWeights& weights);
Candidate make_kernel(const Pool& request, const Shape& in);
Candidate make_kernel(const Reduce& request, const Shape& in);
Candidate make_kernel(const Combine& request, const Shapes& in, const Shape& out);
Candidate make_kernel(const Join& request, const Shapes& in);
Candidate make_kernel(const Pad& request, const Shape& in);
Candidate make_kernel(const TransposedConvolution& request, const Shape& in, const PackedWeights& weights);
Candidate make_kernel(const Repeat& request, const Shape& in);
Candidate make_kernel(const Slope& request, const Shape& in);
Candidate make_grouped(const Convolution& request, const Shape& in, bool exact, const PackedWeights& weights);

}  // namespace layerctl
