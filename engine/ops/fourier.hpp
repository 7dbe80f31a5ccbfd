// The discrete Fourier transform.
#pragma once

#include <complex>
#include <span>
#include <vector>

namespace layerctl::ops {

/// The first n / 2 + 1 coefficients Σ x[j] · exp(−2πi · jk / n) of the n numbers of x; n is positive. T is float or
/// double.
template <class T>
std::vector<std::complex<T>> real_fourier(std::span<const T> x);

}  // namespace layerctl::ops
