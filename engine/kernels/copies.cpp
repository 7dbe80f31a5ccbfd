// What moves numbers without looking at them: inputs joined along an axis, margins added or cut off, repetitions.
#include <algorithm>
#include <cstring>

#include "engine/kernels/kernel.hpp"
#include "engine/kernels/shared_product.hpp"

namespace layerctl {
namespace {

class JoinKernel final : public Kernel {
public:
    JoinKernel(const Join& request, const Shapes& in)
        : rows_(static_cast<std::size_t>(in[0].elements(0, request.axis))) {
        for (const Shape& shape : in) {
            lengths_.push_back(static_cast<std::size_t>(shape.elements(request.axis, shape.rank())));
            length_ += lengths_.back();
        }
    }

    const char* name() const override { return "join"; }

    void run(const float* const* x, float* const* y, float*, Workers& workers) const override {
        share_range(rows_, rows_ * length_, workers, [&](std::size_t row, std::size_t end) {
            float* to = y[0] + row * length_;
            for (; row < end; ++row)
                for (std::size_t k = 0; k < lengths_.size(); to += lengths_[k++])
                    std::memcpy(to, x[k] + row * lengths_[k], lengths_[k] * sizeof(float));
        });
    }

private:
    std::size_t rows_, length_ = 0;
    std::vector<std::size_t> lengths_;  // of what every input gives to a row
};

class PadKernel final : public Kernel {
public:
    PadKernel(const Pad& request, const Shape& in) {
        std::size_t axis = in.rank() - 1;
        while (axis > 0 && request.before[axis] == 0 && request.behind[axis] == 0) --axis;
        std::int64_t given = in.elements(axis + 1, in.rank()), made = given;
        for (;; --axis) {
            const std::int64_t before = request.before[axis], behind = request.behind[axis];
            const std::int64_t kept = in[axis] + std::min<std::int64_t>(before, 0) + std::min<std::int64_t>(behind, 0);
            axes_.insert(axes_.begin(), {before, kept, behind, given, made});
            given *= in[axis];
            made *= in[axis] + before + behind;
            if (axis == 0) return;
        }
    }

    const char* name() const override { return "pad"; }

    void run(const float* const* x, float* const* y, float*, Workers&) const override {
        const float* from = x[0];
        float* to = y[0];
        place(0, from, to);
    }

private:
    struct Axis {
        std::int64_t before, kept, behind;
        std::int64_t given, made;  // numbers of the input and the output that one of its elements stands for

        /// Zeros, or elements left out.
        void margin(std::int64_t elements, const float*& x, float*& y) const {
            if (elements < 0) x -= elements * given;
            else y = std::fill_n(y, elements * made, 0.0F);
        }
    };

    /// Everything along that axis and those behind it; x and y go on to what comes next.
    void place(std::size_t axis, const float*& x, float*& y) const {
        const Axis& here = axes_[axis];
        here.margin(here.before, x, y);
        if (axis + 1 == axes_.size()) {
            const std::int64_t numbers = here.kept * here.given;
            y = std::copy_n(x, numbers, y);
            x += numbers;
        } else {
            for (std::int64_t i = 0; i < here.kept; ++i) place(axis + 1, x, y);
        }
        here.margin(here.behind, x, y);
    }

    std::vector<Axis> axes_;
};

class RepeatKernel final : public Kernel {
public:
    RepeatKernel(const Repeat& request, const Shape& in) {
        std::size_t axes = in.rank();
        while (axes > 1 && request.times[axes - 1] == 1) --axes;
        for (std::size_t axis = 0; axis < axes; ++axis) axes_.push_back({in[axis], request.times[axis]});
        inner_ = in.elements(axes, in.rank());
    }

    const char* name() const override { return "repeat"; }

    void run(const float* const* x, float* const* y, float*, Workers&) const override {
        const float* from = x[0];
        float* to = y[0];
        place(0, from, to);
    }

private:
    struct Axis {
        std::int64_t in, times;
    };

    /// Everything along that axis and those behind it; x and y go on to what comes next.
    void place(std::size_t axis, const float*& x, float*& y) const {
        if (axis == axes_.size()) {
            y = std::copy_n(x, inner_, y);
            x += inner_;
            return;
        }
        for (std::int64_t i = 0; i < axes_[axis].in; ++i) {
            const float* begin = y;
            place(axis + 1, x, y);
            const std::ptrdiff_t length = y - begin;
            for (std::int64_t k = 1; k < axes_[axis].times; ++k) y = std::copy_n(begin, length, y);
        }
    }

    std::vector<Axis> axes_;
    std::int64_t inner_ = 1;
};

}  // namespace

Candidate make_kernel(const Join& request, const Shapes& in) {
    return {std::make_unique<JoinKernel>(request, in), ""};
}

Candidate make_kernel(const Pad& request, const Shape& in) { return {std::make_unique<PadKernel>(request, in), ""}; }

Candidate make_kernel(const Repeat& request, const Shape& in) {
    return {std::make_unique<RepeatKernel>(request, in), ""};
}

}  // namespace layerctl
