// MelSpectrogram: the energy of sound in overlapping windows of time and in bands that are even to the ear.
#include <cmath>
#include <numbers>

#include "engine/announced_shape.hpp"
#include "engine/layer.hpp"
#include "engine/ops/fourier.hpp"
#include "engine/ops/matmul.hpp"
#include "engine/ops/transpose.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

/// tf.signal's raised cosines: of even lengths one period, of odd ones symmetric.
std::vector<double> raised_cosine(std::size_t length, double mean, double amplitude) {
    if (length == 1) return {1};
    const auto period = static_cast<double>(length % 2 == 0 ? length : length - 1);
    std::vector<double> values(length);
    for (std::size_t i = 0; i < length; ++i)
        values[i] = mean - amplitude * std::cos(2 * std::numbers::pi * static_cast<double>(i) / period);
    return values;
}

/// Hertz on the scale of pitch that MelSpectrogram measures in (HTK's).
float mel(float hertz) { return 1127.0F * std::log(1.0F + hertz / 700.0F); }

/// `count` numbers from `first` to `last`, in single precision like all that Keras derives the bands from.
std::vector<float> evenly(float first, float last, std::int64_t count) {
    const float step = (last - first) / static_cast<float>(count - 1);
    std::vector<float> values(static_cast<std::size_t>(count), last);
    for (std::size_t i = 0; i + 1 < values.size(); ++i) values[i] = first + step * static_cast<float>(i);
    return values;
}

class MelSpectrogram final : public Layer, public AnnouncesShape {
    std::int64_t fft_length = 2048, sequence_stride = 512, sampling_rate = 16000, num_mel_bins = 128;
    std::optional<std::int64_t> sequence_length;
    Value window = "hann";
    double min_freq = 20, top_db = 80, mag_exp = 2, min_power = 1e-10, ref_power = 1;
    std::optional<double> max_freq;
    bool power_to_db = true;

    void config(ConfigIo& io) override {
        io.optional("fft_length", fft_length, positive);
        io.optional("sequence_stride", sequence_stride, positive);
        io.optional("sequence_length", sequence_length);
        io.optional("window", window);
        io.optional("sampling_rate", sampling_rate, positive);
        io.optional("num_mel_bins", num_mel_bins, positive);
        io.optional("min_freq", min_freq, not_negative);
        io.optional("max_freq", max_freq);
        io.optional("power_to_db", power_to_db);
        io.optional("top_db", top_db);
        io.optional("mag_exp", mag_exp);
        io.optional("min_power", min_power);
        io.optional("ref_power", ref_power);
    }

    std::int64_t length() const { return sequence_length.value_or(0) != 0 ? *sequence_length : fft_length; }
    std::int64_t frequencies() const { return fft_length / 2 + 1; }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() == 2, "input must have shape (batch, time), found ", in[0]);
        if (length() < 1 || length() > fft_length)
            fail(Code::config, "wanted a sequence_length in [1, ", fft_length, "], found ", length());
        tapers();
        if (in[0][1] == Shape::unknown) return {{in[0][0], num_mel_bins, Shape::unknown}};
        require(in[0][1] > fft_length / 2, "wanted more than ", fft_length / 2, " samples, half of fft_length, found ",
                in[0][1]);
        return {{in[0][0], num_mel_bins, (in[0][1] - fft_length % 2) / sequence_stride + 1}};
    }

    Shapes announced_output_shape(const Shapes& in, int) const override {
        const bool known = in[0][1] != Shape::unknown;
        return {{in[0][0], num_mel_bins, known ? (in[0][1] + sequence_stride + 1) / sequence_stride : Shape::unknown}};
    }

    /// What each sample of a window is multiplied with.
    std::vector<double> tapers() const {
        const auto size = static_cast<std::size_t>(length());
        std::vector<double> values;
        if (window.is_null()) return std::vector<double>(size, 1);
        if (window == Value("hann")) return raised_cosine(size, 0.5, 0.5);
        if (window == Value("hamming")) return raised_cosine(size, 0.54, 0.46);
        if (!ConfigField<std::vector<double>>::read(window, values, context().dialect) || values.size() != size)
            fail(Code::config, "config key 'window': wanted hann, hamming or ", size, " numbers, found ",
                 excerpt(window));
        return values;
    }

    /// How much of each frequency, but the lowest, goes into each band: triangles between the middles of neighbours.
    Tensor bands() const {
        const double highest = max_freq.value_or(0) != 0 ? *max_freq : static_cast<double>(sampling_rate / 2);
        const std::vector<float> edges =
            evenly(mel(static_cast<float>(min_freq)), mel(static_cast<float>(highest)), num_mel_bins + 2);
        const std::vector<float> hertz = evenly(0, static_cast<float>(sampling_rate) / 2, frequencies());
        Tensor matrix(DType::float32, {frequencies(), num_mel_bins});
        float* to = matrix.mutable_values<float>().data() + num_mel_bins;
        for (std::size_t k = 1; k < hertz.size(); ++k)
            for (std::size_t band = 0; band + 2 < edges.size(); ++band) {
                const float rising = (mel(hertz[k]) - edges[band]) / (edges[band + 1] - edges[band]);
                const float falling = (edges[band + 2] - mel(hertz[k])) / (edges[band + 2] - edges[band + 1]);
                *to++ = std::max(0.0F, std::min(rising, falling));
            }
        return matrix;
    }

    /// The magnitudes, to the power of mag_exp, of every window of `samples`, which are mirrored at both ends.
    template <class T>
    void spectrum(std::span<const T> samples, std::span<T> to) const {
        const std::vector<double> taper = tapers();
        const auto size = static_cast<std::int64_t>(samples.size());
        const std::int64_t before = (fft_length - length()) / 2;
        std::vector<T> frame(static_cast<std::size_t>(fft_length));
        for (std::size_t written = 0, start = 0; written < to.size();
             start += static_cast<std::size_t>(sequence_stride)) {
            for (std::size_t i = 0; i < taper.size(); ++i) {
                std::int64_t from = static_cast<std::int64_t>(start + i) + before - fft_length / 2;
                if (from < 0) from = -from;
                if (from >= size) from = 2 * (size - 1) - from;
                frame[static_cast<std::size_t>(before) + i] =
                    samples[static_cast<std::size_t>(from)] * static_cast<T>(taper[i]);
            }
            for (const std::complex<T>& coefficient : ops::real_fourier<T>(frame))
                to[written++] = std::pow(std::abs(coefficient), static_cast<T>(mag_exp));
        }
    }

    /// In decibels below ref_power, cut off at top_db below the loudest of the whole batch.
    template <class T>
    void to_decibels(std::span<T> values) const {
        const auto decibels = [this](double power) { return 10 * std::log10(std::max(power, min_power)); };
        T loudest = -std::numeric_limits<T>::infinity();
        for (T& value : values) {
            value = static_cast<T>(decibels(value) - decibels(std::abs(ref_power)));
            loudest = std::max(loudest, value);
        }
        for (T& value : values) value = std::max(value, static_cast<T>(loudest - top_db));
    }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        const std::int64_t batch = y[0].shape()[0], windows = y[0].shape()[2];
        with_float(y[0].dtype(), [&]<class T>(Type<T>) {
            Tensor spectra = Tensor::uninitialized(dtype_of<T>, {batch, windows, frequencies()});
            const auto samples = x[0].values<T>();
            const auto to = spectra.mutable_values<T>();
            const auto row = static_cast<std::size_t>(x[0].shape()[1]);
            const auto size = static_cast<std::size_t>(windows * frequencies());
            for (std::size_t i = 0; i < static_cast<std::size_t>(batch); ++i)
                spectrum<T>(samples.subspan(i * row, row), to.subspan(i * size, size));
            Tensor energies = Tensor::uninitialized(dtype_of<T>, {batch, windows, num_mel_bins});
            ops::matmul(spectra, bands().cast(dtype_of<T>), energies);
            if (power_to_db) to_decibels<T>(energies.mutable_values<T>());
            y[0] = ops::transpose(energies, {0, 2, 1});
        });
    }
};

LAYERCTL_REGISTER_LAYER(MelSpectrogram);

}  // namespace
}  // namespace layerctl
