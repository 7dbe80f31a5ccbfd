#include "engine/ops/fourier.hpp"

#include <kissfft/kissfft.hh>

namespace layerctl::ops {

template <class T>
std::vector<std::complex<T>> real_fourier(std::span<const T> x) {
    const std::vector<std::complex<T>> from(x.begin(), x.end());
    std::vector<std::complex<T>> coefficients(x.size());
    const kissfft<T> transform(x.size(), false);
    transform.transform(from.data(), coefficients.data());
    coefficients.resize(x.size() / 2 + 1);
    return coefficients;
}

template std::vector<std::complex<float>> real_fourier(std::span<const float>);
template std::vector<std::complex<double>> real_fourier(std::span<const double>);

}  // namespace layerctl::ops
