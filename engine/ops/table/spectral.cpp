// Fourier transforms of keras.ops.
#include <algorithm>

#include "engine/ops/table/complex_pairs.hpp"

namespace layerctl::ops {
namespace {

Pairs along_last(const Pairs& x, bool inverse) {
    Pairs y{x.shape, {}};
    x.for_each_line([&](const Signal& line) {
        const Signal spectrum = inverse ? inverse_transform(line) : transform(line);
        y.numbers.insert(y.numbers.end(), spectrum.begin(), spectrum.end());
    });
    return y;
}

Pairs swapped(const Pairs& x) {
    const std::size_t rank = x.shape.rank();
    const auto rows = static_cast<std::size_t>(x.shape[rank - 2]), columns = static_cast<std::size_t>(x.shape.back());
    Pairs y{x.shape, x.numbers};
    std::swap(y.shape[rank - 2], y.shape[rank - 1]);
    for (std::size_t i = 0; i < x.numbers.size(); ++i) {
        const std::size_t matrix = i / (rows * columns), at = i % (rows * columns);
        y.numbers[matrix * rows * columns + at % columns * rows + at / columns] = x.numbers[i];
    }
    return y;
}

Op transform_of(std::string_view class_name, std::size_t axes, bool inverse) {
    const auto shapes = [axes](const Arguments& a) { return Shapes(2, spectrum_shape(a, axes)); };
    return {{}, {class_name}, "x", shapes, pair_element_dtype, [=](const Arguments& a) -> Tensors {
                Pairs y = along_last(pairs_of(a), inverse);
                if (axes == 2) y = swapped(along_last(swapped(y), inverse));
                return parts_of(y.shape, y.numbers, pair_element_dtype(a));
            }};
}

std::int64_t transform_length(const Arguments& a, std::int64_t otherwise) {
    if (!a.given("fft_length")) return otherwise;
    const std::int64_t length = a.integer("fft_length");
    if (length < 1) fail(Code::config, "argument 'fft_length': wanted one or more, found ", length);
    return length;
}

Shapes rfft_shape(const Arguments& a) {
    const Shape x = signal_shape(a);
    return Shapes(2, x.with_back(bins(transform_length(a, x.back()))));
}

Tensors rfft(const Arguments& a) {
    const Tensor x = x_as(a, DType::float64);
    const auto length = static_cast<std::size_t>(transform_length(a, x.shape().back()));
    Signal numbers;
    for_each_signal(x, [&](std::vector<double> signal) {
        signal.resize(length);  // shorter ones end in zeros
        const Signal spectrum = real_fourier<double>(signal);
        numbers.insert(numbers.end(), spectrum.begin(), spectrum.end());
    });
    return parts_of(rfft_shape(a).front(), numbers, signal_dtype(a));
}

Shapes irfft_shape(const Arguments& a) {
    const Shape x = spectrum_shape(a, 1);
    const std::int64_t otherwise = x.back() == Shape::unknown ? x.back() : 2 * (x.back() - 1);
    return {x.with_back(transform_length(a, otherwise))};
}

Tensors irfft(const Arguments& a) {
    const Pairs x = pairs_of(a);
    const std::int64_t n = irfft_shape(a).front().back();
    std::vector<double> samples;
    x.for_each_line([&](const Signal& line) {
        const std::vector<double> signal = real_samples(line, n);
        samples.insert(samples.end(), signal.begin(), signal.end());
    });
    return {Tensor::from(irfft_shape(a).front(), samples).cast(pair_element_dtype(a))};
}

}  // namespace

const OpList& spectral_ops() {
    static const OpList ops = {
        transform_of("FFT", 1, false),
        transform_of("FFT2", 2, false),
        transform_of("IFFT2", 2, true),
        {{}, {"RFFT"}, "x fft_length=null", rfft_shape, signal_dtype, rfft},
        {{}, {"IRFFT"}, "x fft_length=null", irfft_shape, pair_element_dtype, irfft},
    };
    return ops;
}

}  // namespace layerctl::ops
