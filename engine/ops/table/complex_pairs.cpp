#include "engine/ops/table/complex_pairs.hpp"

namespace layerctl::ops {

namespace {

/// All coefficients of real numbers: the second half mirrors the first.
Signal real_transform(const std::vector<double>& x) {
    Signal y = real_fourier<double>(x);
    y.resize(x.size());
    for (std::size_t k = x.size() / 2 + 1; k < x.size(); ++k) y[k] = std::conj(y[x.size() - k]);
    return y;
}

}  // namespace

// A transform is linear: that of real and imaginary parts apart.
Signal transform(const Signal& x) {
    std::vector<double> real, imag;
    for (const Complex& value : x) {
        real.push_back(value.real());
        imag.push_back(value.imag());
    }
    Signal y = real_transform(real);
    const Signal rest = real_transform(imag);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += Complex(0, 1) * rest[i];
    return y;
}

Signal inverse_transform(Signal x) {
    for (Complex& value : x) value = std::conj(value);
    Signal y = transform(x);
    for (Complex& value : y) value = std::conj(value) / static_cast<double>(y.size());
    return y;
}

Pairs pairs_of(const Arguments& a) {
    const auto parts = a.list("x");
    if (parts.size() != 2) fail(Code::config, "wanted a pair of tensors, found ", parts.size());
    const Tensor real = a.tensor(*parts[0], DType::float64), imag = a.tensor(*parts[1], DType::float64);
    if (real.shape() != imag.shape())
        fail(Code::shape, "wanted two tensors alike, found ", real.shape(), " and ", imag.shape());
    Pairs pairs{real.shape(), {}};
    for (std::size_t i = 0; i < real.elements(); ++i)
        pairs.numbers.emplace_back(real.values<double>()[i], imag.values<double>()[i]);
    return pairs;
}

Tensors parts_of(const Shape& shape, const Signal& numbers, DType dtype) {
    std::vector<double> real, imag;
    for (const Complex& value : numbers) {
        real.push_back(value.real());
        imag.push_back(value.imag());
    }
    return {Tensor::from(shape, real).cast(dtype), Tensor::from(shape, imag).cast(dtype)};
}

DType pair_element_dtype(const Arguments& a) {
    const DType dtype = common_dtype(a, a.list("x"));
    if (dtype != DType::float32 && dtype != DType::float64) fail(Code::unsupported, "spectra of ", dtype);
    return dtype;
}

DType signal_dtype(const Arguments& a) {
    const DType dtype = a.dtype("x");
    if (dtype != DType::float32 && dtype != DType::float64) fail(Code::unsupported, "spectra of ", dtype);
    return dtype;
}

Shape spectrum_shape(const Arguments& a, std::size_t least_rank) {
    const Shape shape = a.shape(*a.list("x").front());
    if (shape.rank() < least_rank) fail(Code::shape, "wanted rank ", least_rank, " or more, found shape ", shape);
    return shape;
}

Shape signal_shape(const Arguments& a) {
    const Shape shape = a.shape("x");
    if (shape.rank() == 0) fail(Code::shape, "wanted signals, found a number");
    return shape;
}

std::vector<double> real_samples(Signal half, std::int64_t n) {
    if (n < 1) return {};
    half.resize(static_cast<std::size_t>(n / 2 + 1));
    Signal whole(static_cast<std::size_t>(n));
    for (std::int64_t k = 0; k < n; ++k)
        whole[static_cast<std::size_t>(k)] = k <= n / 2 ? half[static_cast<std::size_t>(k)]
                                                        : std::conj(half[static_cast<std::size_t>(n - k)]);
    whole[0] = whole[0].real();
    if (n % 2 == 0) whole[static_cast<std::size_t>(n / 2)] = whole[static_cast<std::size_t>(n / 2)].real();
    std::vector<double> samples;
    for (const Complex& value : inverse_transform(whole)) samples.push_back(value.real());
    return samples;
}

}  // namespace layerctl::ops
