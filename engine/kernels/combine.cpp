// Sums, products and extremes of several inputs, element by element, with axes of size 1 repeated.
#include <algorithm>
#include <array>

#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"
#include "engine/ops/broadcast.hpp"

namespace layerctl {
namespace {

/// By Combine::Kind.
constexpr std::array operations = {simd::Operation::add,    simd::Operation::subtract, simd::Operation::multiply,
                                   simd::Operation::divide, simd::Operation::average,  simd::Operation::maximum,
                                   simd::Operation::minimum};

/// Stays in the cache while one input after the other comes to it.
constexpr std::size_t longest_piece = 4096;

/// With axes of size 1 behind the first.
Shape with_rank(const Shape& shape, std::size_t rank) {
    std::vector<std::int64_t> dims = shape.dims();
    dims.insert(dims.begin() + 1, rank - dims.size(), 1);
    return Shape(std::move(dims));
}

class CombineKernel final : public Kernel {
public:
    CombineKernel(const Combine& request, const Shapes& in, const Shape& out, simd::Curve curve)
        : operation_(operations[static_cast<std::size_t>(request.kind)]),
          inputs_(in.size()),
          curve_(curve),
          constant_(request.constant),
          place_(constant_.has_value() ? request.place : in.size()) {
        std::vector<std::vector<std::int64_t>> steps;
        for (const Shape& shape : in) is_whole_.push_back(shape.elements() == out.elements());
        for (const Shape& shape : in) steps.push_back(ops::broadcast_strides(with_rank(shape, out.rank()), out));
        for (std::size_t axis = 0; axis < out.rank(); ++axis) {
            Axis next{static_cast<std::size_t>(out[axis]), {}};
            for (const std::vector<std::int64_t>& step : steps) next.steps.push_back(step[axis]);
            if (next.size > 1) add(next);
        }
        if (axes_.empty()) axes_.push_back({1, std::vector<std::ptrdiff_t>(inputs_)});
        row_ = axes_.back();
        axes_.pop_back();
        for (const Axis& axis : axes_) rows_ *= axis.size;
        pieces_ = (row_.size + longest_piece - 1) / longest_piece;
    }

    const char* name() const override { return "combine"; }

    /// The third input is read when there are numbers in the output already.
    bool may_replace(std::size_t input) const override {
        input += input < place_ ? 0 : 1;
        return is_whole_[input] && (input == 0 || inputs_ == 2);
    }

    void run(const float* const* x, float* const* y, float*, Workers& workers) const override {
        const std::size_t all = rows_ * pieces_;
        share_range(all, inputs_ * rows_ * row_.size, workers, [&](std::size_t at, std::size_t end) {
            for (; at < end; ++at)
                if (pieces_ == 1) compute(at, 0, x, y[0]);
                else compute(at / pieces_, at % pieces_ * longest_piece, x, y[0]);
        });
    }

private:
    /// How far every input goes from one element of the output to the next.
    struct Axis {
        std::size_t size;
        std::vector<std::ptrdiff_t> steps;
    };

    /// Neighbouring axes along which every input goes on alike are one.
    void add(const Axis& next) {
        if (!axes_.empty()) {
            Axis& last = axes_.back();
            bool continues = true;
            for (std::size_t k = 0; k < inputs_; ++k)
                continues = continues && last.steps[k] == next.steps[k] * static_cast<std::ptrdiff_t>(next.size);
            if (continues) {
                last = {last.size * next.size, next.steps};
                return;
            }
        }
        axes_.push_back(next);
    }

    void compute(std::size_t row, std::size_t begin, const float* const* x, float* y) const {
        const std::size_t n = std::min(longest_piece, row_.size - begin);
        y += row * row_.size + begin;
        simd::CombineCall call{.operation = operation_, .a = operand(0, row, begin, x), .n = n, .y = y};
        for (std::size_t k = 1; k < inputs_; ++k) {
            call.b = operand(k, row, begin, x);
            if (k + 1 == inputs_) {
                call.divisor = static_cast<float>(inputs_);
                call.curve = curve_;
            }
            simd::combine(call);
            call.a = {y, 1};
        }
    }

    simd::Operand operand(std::size_t k, std::size_t row, std::size_t begin, const float* const* x) const {
        std::ptrdiff_t at = static_cast<std::ptrdiff_t>(begin) * row_.steps[k];
        for (std::size_t axis = axes_.size(); axis-- > 1; row /= axes_[axis].size)
            at += static_cast<std::ptrdiff_t>(row % axes_[axis].size) * axes_[axis].steps[k];
        if (!axes_.empty()) at += static_cast<std::ptrdiff_t>(row) * axes_[0].steps[k];
        const float* from = k == place_ ? constant_.values<float>().data() : x[k - (k < place_ ? 0 : 1)];
        return {from + at, row_.steps[k]};
    }

    simd::Operation operation_;
    std::size_t inputs_;
    std::vector<bool> is_whole_;  // by input: nothing of it is repeated
    simd::Curve curve_;
    Tensor constant_;         // input `place_`, if there is one
    std::size_t place_;       // or the number of inputs
    std::vector<Axis> axes_;  // those before the last
    Axis row_;                // the last
    std::size_t rows_ = 1, pieces_ = 1;
};

}  // namespace

Candidate make_kernel(const Combine& request, const Shapes& in, const Shape& out) {
    Shapes inputs = in;
    if (request.constant.has_value())
        inputs.insert(inputs.begin() + static_cast<std::ptrdiff_t>(request.place), request.constant.shape());
    if (inputs.size() == 1) return Candidate::no("a single input");
    const std::optional<simd::Curve> curve = simd::curve_of(request.activation);
    if (!curve) return Candidate::no("its activation");
    return {std::make_unique<CombineKernel>(request, inputs, out, *curve), ""};
}

}  // namespace layerctl
