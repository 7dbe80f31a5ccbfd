// Functions that <cmath> lacks.
#pragma once

namespace layerctl::ops {

/// The inverse of the error function on (-1, 1); infinite at the ends, NaN outside.
double erf_inverse(double y);

/// The quantile of the standard normal distribution: √2 · erf⁻¹(2p − 1).
double normal_quantile(double p);

/// The derivative of ln Γ. NaN at the poles 0, -1, -2, ….
double digamma(double x);

/// The modified Bessel functions of the first kind, of order 0 and 1.
double bessel_i(int order, double x);

}  // namespace layerctl::ops
