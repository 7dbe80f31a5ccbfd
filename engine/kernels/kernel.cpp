#include "engine/kernels/kernel.hpp"

#include "models/error.hpp"

namespace layerctl {
namespace {

struct Maker {
    const Shapes& in;
    const DTypes& dtypes;
    const Shapes& out;
    bool exact;
    const PackedWeights& weights;

    Candidate operator()(const Product& request) const { return make_kernel(request, in[0], weights); }
    Candidate operator()(const Convolution& request) const {
        if (request.shape.groups != 1) return make_grouped(request, in[0], exact, weights);
        return make_convolution(request, in[0], exact, weights);
    }
    Candidate operator()(const Depthwise& request) const { return make_kernel(request, in[0]); }
    Candidate operator()(const Separable& request) const { return make_kernel(request, in[0], weights); }
    Candidate operator()(const Pool& request) const { return make_kernel(request, in[0]); }
    Candidate operator()(const Reduce& request) const { return make_kernel(request, in[0]); }
    Candidate operator()(const Combine& request) const { return make_kernel(request, in, out[0]); }
    Candidate operator()(const Join& request) const { return make_kernel(request, in); }
    Candidate operator()(const Pad& request) const { return make_kernel(request, in[0]); }
    Candidate operator()(const TransposedConvolution& request) const { return make_kernel(request, in[0], weights); }
    Candidate operator()(const Repeat& request) const { return make_kernel(request, in[0]); }
    Candidate operator()(const Slope& request) const { return make_kernel(request, in[0]); }
    Candidate operator()(const Scale& request) const { return make_kernel(request, in[0]); }
    Candidate operator()(const Normalize& request) const { return make_kernel(request, in[0]); }
    Candidate operator()(const Elementwise& request) const { return make_kernel(request, in[0]); }
    Candidate operator()(const Recurrence& request) const { return make_kernel(request, in, weights); }
    Candidate operator()(const Bidirection& request) const { return make_kernel(request, in, weights); }
    Candidate operator()(const DotProductAttention& request) const { return make_kernel(request, in, weights); }
    Candidate operator()(const Gather& request) const { return make_kernel(request, in[0], dtypes[0]); }
    Candidate operator()(const MaskRows& request) const { return make_kernel(request, in[0]); }
    Candidate operator()(const ConvRecurrence& request) const { return make_kernel(request, in, exact, weights); }
    Candidate operator()(const Strided& request) const { return make_kernel(request); }
    Candidate operator()(const Reshaped& request) const {
        return make_kernel(request.request->value, request.in, dtypes, request.out, exact, weights);
    }
    Candidate operator()(const Pass&) const { return make_copy(in[0]); }
};

}  // namespace

/// By Winograd's scheme if that is faster.
Candidate make_convolution(const Convolution& request, const Shape& in, bool exact, const PackedWeights& weights) {
    Candidate winograd = exact ? Candidate::no("it would not be exact") : make_winograd(request, weights);
    if (winograd.kernel != nullptr) return winograd;
    Candidate product = make_kernel(request, in, weights);
    if (product.kernel != nullptr) product.declined = cat("no Winograd: ", winograd.declined);
    return product;
}

Candidate make_kernel(const Request& request, const Shapes& in, const DTypes& dtypes, const Shapes& out, bool exact,
                      const PackedWeights& weights) {
    constexpr std::int64_t most = std::int64_t{1} << 40;
    for (const Shapes* shapes : {&in, &out})
        for (const Shape& shape : *shapes)
            if (shape.elements() == 0 || shape.elements() > most)
                return Candidate::no(shape.elements() == 0 ? "an empty array" : "an array beyond all memory");
    return std::visit(Maker{in, dtypes, out, exact, weights}, request);
}

}  // namespace layerctl
