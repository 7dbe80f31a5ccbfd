// Short-time Fourier transforms of keras.ops: overlapping frames, their spectra, and signals made of those.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/ops/table/complex_pairs.hpp"
#include "engine/ops/table/lines.hpp"

namespace layerctl::ops {
namespace {

/// Overlapping frames of the last axis; what does not fill one is left out.
struct Frames {
    std::int64_t length, step;

    std::int64_t count(std::int64_t samples) const {
        if (samples == Shape::unknown) return samples;
        return samples < length ? 0 : 1 + (samples - length) / step;
    }
};

std::int64_t positive_argument(const Arguments& a, std::string_view name) {
    const std::int64_t value = a.integer(name);
    if (value < 1) fail(Code::config, "argument '", name, "': wanted one or more, found ", value);
    return value;
}

Shapes sequences_shape(const Arguments& a) {
    const Frames frames{positive_argument(a, "sequence_length"), positive_argument(a, "sequence_stride")};
    const Shape x = signal_shape(a);
    std::vector<std::int64_t> dims = x.with_back(frames.count(x.back())).dims();
    dims.push_back(frames.length);
    return {Shape(std::move(dims))};
}

Tensors sequences(const Arguments& a) {
    const std::int64_t length = a.integer("sequence_length"), step = a.integer("sequence_stride");
    const Tensor x = x_itself(a);
    const Shape out = sequences_shape(a).front();
    const std::int64_t count = out[out.rank() - 2];
    Tensor y;
    with_numeric(x.dtype(), [&]<class T>(Type<T>) {
        if constexpr (std::is_arithmetic_v<T>)
            y = along_axis<T, T>(x, x.shape().rank() - 1, count * length, [&](const T* from, std::int64_t, T* to) {
                for (std::int64_t i = 0; i < count; ++i) to = std::copy_n(from + i * step, length, to);
            });
    });
    return {y.reshaped(out)};
}

/// Short-time transforms: windows of `sequence_length` in the middle of `fft_length` samples.
struct ShortTime {
    std::int64_t step, length;
    std::vector<double> window;  // of `length`
    bool center;

    std::int64_t edge() const { return center ? length / 2 : 0; }
};

std::vector<double> window_of(const Arguments& a, std::int64_t n) {
    if (!a.given("window")) return std::vector<double>(static_cast<std::size_t>(n), 1);
    std::vector<double> window;
    const Operand& operand = a.operand("window");
    if (operand.kind == Operand::Kind::constant && operand.constant.string() != nullptr) {
        const std::string& name = *operand.constant.string();
        if (name != "hann" && name != "hamming")
            fail(Code::unsupported, "argument 'window': wanted 'hann' or 'hamming', found '", name, "'");
        const double height = name == "hann" ? 0.5 : 0.54;
        const double period = static_cast<double>(n % 2 == 0 || n == 1 ? n : n - 1);  // TensorFlow's, of odd lengths too
        for (std::int64_t i = 0; i < n; ++i)
            window.push_back(height - (1 - height) * std::cos(2 * std::numbers::pi * static_cast<double>(i) / period));
        if (n == 1) window = {1};
        return window;
    }
    const Tensor numbers = a.tensor(operand, DType::float64);
    if (numbers.shape() != Shape{n}) fail(Code::shape, "wanted a window of ", n, ", found shape ", numbers.shape());
    return {numbers.values<double>().begin(), numbers.values<double>().end()};
}

ShortTime short_time(const Arguments& a) {
    const std::int64_t sequence = positive_argument(a, "sequence_length");
    ShortTime plan{positive_argument(a, "sequence_stride"), positive_argument(a, "fft_length"), {}, a.flag("center")};
    if (plan.length < sequence)
        fail(Code::config, "argument 'fft_length': wanted ", sequence, " or more, found ", plan.length);
    plan.window.resize(static_cast<std::size_t>(plan.length));
    const std::vector<double> window = window_of(a, sequence);
    if (!a.given("window")) std::fill(plan.window.begin(), plan.window.end(), 1);
    else std::copy(window.begin(), window.end(), plan.window.begin() + (plan.length - sequence) / 2);
    return plan;
}

Shapes stft_shape(const Arguments& a) {
    const ShortTime plan = short_time(a);
    const Shape x = signal_shape(a);
    const std::int64_t samples = x.back() == Shape::unknown ? x.back() : x.back() + 2 * plan.edge();
    std::vector<std::int64_t> dims = x.with_back(Frames{plan.length, plan.step}.count(samples)).dims();
    dims.push_back(bins(plan.length));
    return Shapes(2, Shape(std::move(dims)));
}

/// The signal with its ends mirrored.
std::vector<double> reflected(const std::vector<double>& x, std::int64_t edge) {
    const auto n = static_cast<std::int64_t>(x.size());
    if (edge >= n) fail(Code::shape, "a signal of ", n, " samples is too short to be mirrored by ", edge);
    std::vector<double> y;
    for (std::int64_t i = -edge; i < n + edge; ++i)
        y.push_back(x[static_cast<std::size_t>(i < 0 ? -i : i >= n ? 2 * n - 2 - i : i)]);
    return y;
}

Tensors stft(const Arguments& a) {
    const ShortTime plan = short_time(a);
    const Tensor x = x_as(a, DType::float64);
    const Shape out = stft_shape(a).front();
    const std::int64_t count = out[out.rank() - 2];
    Signal numbers;
    for_each_signal(x, [&](const std::vector<double>& line) {
        const std::vector<double> signal = reflected(line, plan.edge());
        for (std::int64_t i = 0; i < count; ++i) {
            std::vector<double> frame(plan.window);
            for (std::size_t k = 0; k < frame.size(); ++k) frame[k] *= signal[static_cast<std::size_t>(i * plan.step) + k];
            const Signal spectrum = real_fourier<double>(frame);
            numbers.insert(numbers.end(), spectrum.begin(), spectrum.end());
        }
    });
    return parts_of(out, numbers, signal_dtype(a));
}

/// Where the samples of an inverse begin, and how many there are.
struct Cut {
    std::int64_t first, count;
};

Cut cut_of(const Arguments& a, const ShortTime& plan, std::int64_t frames) {
    const std::int64_t all = frames == 0 ? 0 : plan.length + plan.step * (frames - 1);
    const std::int64_t end = a.given("length") ? plan.edge() + a.integer("length") : all - plan.edge();
    return {plan.edge(), std::max<std::int64_t>(std::min(end, all) - plan.edge(), 0)};
}

Shapes istft_shape(const Arguments& a) {
    const Shape x = spectrum_shape(a, 2);
    std::vector<std::int64_t> dims = x.slice(0, x.rank() - 2).dims();
    const std::int64_t frames = x[x.rank() - 2];
    dims.push_back(frames == Shape::unknown ? frames : cut_of(a, short_time(a), frames).count);
    return {Shape(std::move(dims))};
}

// Each sample of a window is divided by the sum of squares of all that lie on it.
std::vector<double> inverse_window(const ShortTime& plan) {
    std::vector<double> sums(static_cast<std::size_t>(plan.step));
    for (std::size_t i = 0; i < plan.window.size(); ++i) sums[i % sums.size()] += plan.window[i] * plan.window[i];
    std::vector<double> window(plan.window);
    for (std::size_t i = 0; i < window.size(); ++i) window[i] /= sums[i % sums.size()];
    return window;
}

Tensors istft(const Arguments& a) {
    const ShortTime plan = short_time(a);
    const Pairs x = pairs_of(a);
    const std::int64_t frames = x.shape[x.shape.rank() - 2];
    const Cut cut = cut_of(a, plan, frames);
    const std::vector<double> window = a.given("window") ? inverse_window(plan) : plan.window;
    std::vector<double> samples, sum;
    std::int64_t frame = 0;
    x.for_each_line([&](const Signal& line) {
        if (frame == 0) sum.assign(static_cast<std::size_t>(plan.length + plan.step * (frames - 1)), 0);
        const std::vector<double> part = real_samples(line, plan.length);
        for (std::size_t k = 0; k < part.size(); ++k) sum[static_cast<std::size_t>(frame * plan.step) + k] += part[k] * window[k];
        if (++frame < frames) return;
        frame = 0;
        samples.insert(samples.end(), sum.begin() + cut.first, sum.begin() + cut.first + cut.count);
    });
    return {Tensor::from(istft_shape(a).front(), samples).cast(pair_element_dtype(a))};
}

}  // namespace

const OpList& short_time_ops() {
    static constexpr std::string_view forward =
        "x sequence_length sequence_stride fft_length window=hann center=true";
    static constexpr std::string_view inverse =
        "x sequence_length sequence_stride fft_length length=null window=hann center=true";
    static const OpList ops = {
        {{}, {"STFT"}, forward, stft_shape, signal_dtype, stft},
        {{}, {"ISTFT"}, inverse, istft_shape, pair_element_dtype, istft},
        {{}, {"ExtractSequences"}, "x sequence_length sequence_stride", sequences_shape, same_dtype, sequences},
    };
    return ops;
}

}  // namespace layerctl::ops
