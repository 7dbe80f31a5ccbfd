// Complex numbers as keras.ops has them: a pair of tensors, the real and the imaginary parts.
#pragma once

#include <complex>
#include <vector>

#include "engine/ops/fourier.hpp"
#include "engine/ops/table/rules.hpp"

namespace layerctl::ops {

using Complex = std::complex<double>;
using Signal = std::vector<Complex>;

/// Complex numbers of one shape.
struct Pairs {
    Shape shape;
    Signal numbers;

    /// The lines along the last axis.
    template <class F>
    void for_each_line(F f) const {
        const std::int64_t n = shape.back();
        for (std::size_t at = 0; n > 0 && at < numbers.size(); at += static_cast<std::size_t>(n))
            f(Signal(numbers.begin() + static_cast<std::ptrdiff_t>(at),
                     numbers.begin() + static_cast<std::ptrdiff_t>(at) + n));
    }
};

/// The lines of float64 tensors along the last axis.
template <class F>
void for_each_signal(const Tensor& x, F f) {
    const auto values = x.values<double>();
    const auto n = static_cast<std::size_t>(x.shape().back());
    for (std::size_t at = 0; n > 0 && at < values.size(); at += n)
        f(std::vector<double>(values.begin() + static_cast<std::ptrdiff_t>(at),
                              values.begin() + static_cast<std::ptrdiff_t>(at + n)));
}

/// The pair that argument "x" holds, and tensors of one.
Pairs pairs_of(const Arguments& arguments);
Tensors parts_of(const Shape& shape, const Signal& numbers, DType dtype);

/// float32 or float64: of the pair "x", or of the tensor "x".
DType pair_element_dtype(const Arguments& arguments);
DType signal_dtype(const Arguments& arguments);

/// The shape of the pair, or of the tensor, whose rank must do.
Shape spectrum_shape(const Arguments& arguments, std::size_t least_rank);
Shape signal_shape(const Arguments& arguments);

Signal transform(const Signal& x);
Signal inverse_transform(Signal x);

/// n real samples of a half spectrum, the other half of which mirrors it.
std::vector<double> real_samples(Signal half, std::int64_t n);

/// Frequencies from 0 to half the sampling rate.
inline std::int64_t bins(std::int64_t samples) { return samples == Shape::unknown ? samples : samples / 2 + 1; }

}  // namespace layerctl::ops
