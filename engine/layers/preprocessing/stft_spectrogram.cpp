// STFTSpectrogram: windows of time as frequencies, by convolution with a cosine and a sine kernel.
#include <cmath>

#include "engine/layer.hpp"
#include "engine/ops/concatenate.hpp"
#include "engine/ops/conv.hpp"
#include "engine/ops/transpose.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

enum class Mode { log, magnitude, psd, real, imag, angle, stft };
constexpr EnumName<Mode> mode_names[] = {
    {Mode::log, "log"},   {Mode::magnitude, "magnitude"}, {Mode::psd, "psd"},   {Mode::real, "real"},
    {Mode::imag, "imag"}, {Mode::angle, "angle"},         {Mode::stft, "stft"},
};

}  // namespace

template <>
struct ConfigField<Mode> : ConfigEnum<Mode, mode_names> {};

namespace {

class STFTSpectrogram final : public Layer {
    Mode mode = Mode::log;
    std::int64_t frame_length = 256;
    std::optional<std::int64_t> frame_step, fft_length;
    Value window = "hann", scaling = "density";
    bool periodic = false, expand_dims = false;
    Padding padding = Padding::valid;
    DataFormat data_format = DataFormat::channels_last;

    void config(ConfigIo& io) override {
        io.optional("mode", mode);
        io.optional("frame_length", frame_length, positive);
        io.optional("frame_step", frame_step);
        io.optional("fft_length", fft_length);
        io.optional("window", window);
        io.optional("periodic", periodic);
        io.optional("scaling", scaling);
        io.optional("padding", padding, not_causal);
        io.optional("expand_dims", expand_dims);
        io.optional("data_format", data_format);
    }

    std::int64_t step() const { return frame_step.value_or(frame_length / 2); }

    /// fft_length is at least the frame; by default the next power of two.
    std::int64_t frequencies() const {
        std::int64_t length = 1;
        while (length < frame_length) length = ops::times(length, 2);
        return fft_length.value_or(length) / 2 + 1;
    }
    std::int64_t rows() const { return mode == Mode::stft ? ops::times(frequencies(), 2) : frequencies(); }

    ops::Window frames() const {
        ops::Window frames(1);
        frames.size = {frame_length};
        frames.strides = {step()};
        frames.padding = padding;
        return frames;
    }

    Initializer kernel_initializer(const char* side) const {
        return {"STFT",
                Value::object({{"side", side}, {"window", window}, {"periodic", periodic}, {"scaling", scaling}})};
    }

    WeightSpecs weights(const Shapes&) const override {
        const Shape kernel = {frame_length, 1, frequencies()};
        WeightSpecs specs;
        if (mode != Mode::imag) specs.push_back({"real_kernel", kernel, kernel_initializer("real")});
        if (mode != Mode::real) specs.push_back({"imag_kernel", kernel, kernel_initializer("imag")});
        return specs;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        if (step() < 1 || step() > frame_length)
            fail(Code::config, "wanted a frame_step in [1, ", frame_length, "], found ", step());
        if (fft_length && *fft_length < frame_length)
            fail(Code::config, "wanted an fft_length of ", frame_length, " or more, found ", *fft_length);
        require(in[0].rank() == 3, "input must have rank 3, found shape ", in[0]);
        const auto parts = ops::SpatialShape::split(in[0], 1, data_format);
        const std::int64_t time = frames().output(parts.spatial)[0], batch = in[0][0];
        if (data_format == DataFormat::channels_last)
            return {expand_dims ? Shape{batch, time, rows(), parts.channels}
                                : Shape{batch, time, ops::times(parts.channels, rows())}};
        return {expand_dims ? Shape{batch, parts.channels, time, rows()}
                            : Shape{batch, ops::times(parts.channels, rows()), time}};
    }

    /// The coefficients that a kernel yields: (batch, channels, time, frequencies).
    Tensor coefficients(const Tensor& x, const Tensor& kernel) const {
        const Tensor by_channel = data_format == DataFormat::channels_last ? ops::to_channels_first(x, 1) : x;
        const std::int64_t batch = by_channel.shape()[0], channels = by_channel.shape()[1];
        const Shape time = {by_channel.shape()[2]};
        const ops::ConvShape shape{
            .batch = batch * channels, .axes = frames().axes(time), .channels = 1, .filters = frequencies()};
        const Shape result = {batch, channels, frames().output(time)[0], frequencies()};
        Tensor y = Tensor::uninitialized(x.dtype(), result);
        ops::conv(shape, by_channel.reshaped({shape.batch, time[0], 1}), kernel, y);
        return y;
    }

    template <class T>
    T combined(T real, T imag, bool at_an_end) const {
        constexpr auto epsilon = static_cast<T>(1e-7);
        const T power = real * real + imag * imag;
        const T magnitude = std::sqrt(std::max(power, epsilon));
        switch (mode) {
            case Mode::angle: return std::atan2(imag, real);
            case Mode::psd: return at_an_end ? power : 2 * power;
            case Mode::magnitude: return magnitude;
            default: return std::log(std::max(magnitude, epsilon));
        }
    }

    /// (batch, channels, time, rows) in the mode's numbers.
    Tensor spectrogram(const Tensor& x, const Weights& w) const {
        if (mode == Mode::imag) return coefficients(x, w["imag_kernel"]);
        Tensor real = coefficients(x, w["real_kernel"]);
        if (mode == Mode::real) return real;
        const Tensor imag = coefficients(x, w["imag_kernel"]);
        if (mode == Mode::stft) return ops::concatenate({real, imag}, 3);
        with_float(x.dtype(), [&]<class T>(Type<T>) {
            const auto sines = imag.values<T>();
            const auto values = real.mutable_values<T>();
            const auto n = static_cast<std::size_t>(frequencies());
            for (std::size_t i = 0; i < values.size(); ++i)
                values[i] = combined(values[i], sines[i], i % n == 0 || i % n == n - 1);
        });
        return real;
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        const bool channels_last = data_format == DataFormat::channels_last;
        const ops::Permutation order =
            expand_dims ? (channels_last ? ops::Permutation{0, 2, 3, 1} : ops::Permutation{0, 1, 2, 3})
                        : (channels_last ? ops::Permutation{0, 2, 1, 3} : ops::Permutation{0, 1, 3, 2});
        y[0] = ops::transpose(spectrogram(x[0], w), order).reshaped(y[0].shape());
    }
};

LAYERCTL_REGISTER_LAYER(STFTSpectrogram);

}  // namespace
}  // namespace layerctl
