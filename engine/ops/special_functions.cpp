#include "engine/ops/special_functions.hpp"

#include <cmath>
#include <limits>
#include <numbers>

namespace layerctl::ops {

// Winitzki's approximation, "A handy approximation for the error function and its inverse" (2008), then Newton's method
// on erfc where erf is flat.
double erf_inverse(double y) {
    if (std::isnan(y) || std::abs(y) > 1) return std::numeric_limits<double>::quiet_NaN();
    if (std::abs(y) == 1) return std::copysign(std::numeric_limits<double>::infinity(), y);
    constexpr double a = 0.147;
    const double l = std::log1p(-y * y), t = 2 / (std::numbers::pi * a) + l / 2;
    double x = std::sqrt(std::sqrt(t * t - l / a) - t);
    const double target = std::abs(y);
    for (int i = 0; i < 4; ++i) {
        const double error = target < 0.5 ? std::erf(x) - target : (1 - target) - std::erfc(x);
        x -= error * std::sqrt(std::numbers::pi) / 2 * std::exp(x * x);
    }
    return std::copysign(x, y);
}

double normal_quantile(double p) { return std::numbers::sqrt2 * erf_inverse(2 * p - 1); }

// ψ(x) = ψ(x + 1) − 1/x up to x ≥ 10, then the asymptotic series; ψ(1 − x) = ψ(x) + π cot(πx) below 0.
double digamma(double x) {
    if (x <= 0 && x == std::floor(x)) return std::numeric_limits<double>::quiet_NaN();
    if (x < 0) return digamma(1 - x) - std::numbers::pi / std::tan(std::numbers::pi * x);
    double shift = 0;
    for (; x < 10; x += 1) shift -= 1 / x;
    const double r = 1 / (x * x);
    const double series = r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r / 132))));
    return shift + std::log(x) - 0.5 / x - series;
}

double bessel_i(int order, double x) {
    const double value = std::cyl_bessel_i(order, std::abs(x));
    return order % 2 == 1 && x < 0 ? -value : value;
}

}  // namespace layerctl::ops
