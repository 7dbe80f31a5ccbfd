#include "engine/layers/convolutional/locally_connected.hpp"

#include <numeric>

#include "engine/ops/matmul.hpp"
#include "engine/ops/patches.hpp"
#include "engine/ops/transpose.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

constexpr const char* implementations(std::int64_t value) { return value >= 1 && value <= 3 ? nullptr : "1, 2 or 3"; }

// How many taps of the window lie inside the input at each output position.
std::vector<std::int64_t> taps_inside(const ops::WindowAxes& axes) {
    std::vector<std::int64_t> counts(static_cast<std::size_t>(ops::output_positions(axes)));
    const ops::Patches<float> patches(axes, 1, 1);
    patches.for_each_tap(0, ops::output_positions(axes),
                         [&](std::int64_t, std::int64_t, std::int64_t at) { ++counts[static_cast<std::size_t>(at)]; });
    return counts;
}

// Where the weights of one output position stand in the stored kernel: origin + place·… + channel·… + filter·….
// A place is the tap (implementation 1), the input position (2), or the number of the tap among those inside (3).
struct Strides {
    std::int64_t origin, place, channel, filter;
};

struct StoredKernel {
    std::int64_t implementation;
    bool channels_last;
    std::int64_t taps, inputs, outputs, channels, filters, connections;

    Strides at(std::int64_t output, std::int64_t inside_before, std::int64_t inside) const {
        if (implementation == 1)
            return {output * taps * channels * filters, channels_last ? channels * filters : filters,
                    channels_last ? filters : taps * filters, 1};
        if (implementation == 2 && channels_last)
            return {output * filters, channels * outputs * filters, outputs * filters, 1};
        if (implementation == 2) return {output, filters * outputs, inputs * filters * outputs, outputs};
        if (channels_last) return {filters * channels * inside_before, channels, 1, inside * channels};
        return {channels * inside_before, 1, inside, channels * connections};
    }
};

}  // namespace

void LocallyConnected::config(ConfigIo& io) {
    io.required("filters", filters, positive);
    window_config(io, false);
    output_config(io);
    weight_config(io, "kernel", kernel_initializer);
    weight_config(io, "bias", bias_initializer);
    io.optional("implementation", implementation, implementations);
}

// Keras centres the window of a `same` convolution by its size alone, whatever the stride.
ops::WindowAxes LocallyConnected::axes(const Shape& spatial) const {
    ops::WindowAxes axes = window.axes(spatial);
    for (ops::WindowAxis& axis : axes)
        if (window.padding == Padding::same) axis.before = axis.size / 2;
    return axes;
}

// Pairs of input and output positions within reach of each other: the product of those along each axis.
std::int64_t LocallyConnected::connections(const Shape& spatial) const {
    constexpr std::int64_t most = std::int64_t{1} << 24;
    std::int64_t product = 1;
    for (const ops::WindowAxis& axis : axes(spatial)) {
        if (axis.out > most)
            fail(Code::refused, "a locally connected layer with ", axis.out, " positions along an axis");
        std::int64_t pairs = 0;
        for (std::int64_t t = 0; t < axis.out; ++t) pairs += axis.taps(t).last - axis.taps(t).first;
        product = ops::times(product, pairs);
    }
    return product;
}

Shape LocallyConnected::stored_kernel_shape(const ops::SpatialShape& in) const {
    ops::SpatialShape out = {{}, window.output(in.spatial), filters};
    if (implementation == 1)
        return {out.spatial.elements(), ops::times(Shape(window.size).elements(), in.channels), filters};
    if (implementation == 3) return {ops::times(connections(in.spatial), ops::times(in.channels, filters))};
    std::vector<std::int64_t> dims = ops::SpatialShape{{}, in.spatial, in.channels}.joined(window.data_format).dims();
    const Shape outputs = out.joined(window.data_format);
    dims.insert(dims.end(), outputs.begin(), outputs.end());
    return Shape(std::move(dims));
}

WeightSpecs LocallyConnected::weights(const Shapes& in) const {
    const auto parts = split(in[0]);
    require(parts.spatial.is_known(), "spatial sizes must be known, found shape ", in[0]);
    require(implementation != 1 || window.padding == Padding::valid, "implementation 1 wants padding 'valid'");
    WeightSpecs specs = {{"kernel", stored_kernel_shape(parts), kernel_initializer}};
    const ops::SpatialShape bias = {{}, window.output(parts.spatial), filters};
    if (use_bias) specs.push_back({"bias", bias.joined(DataFormat::channels_last), bias_initializer});
    return specs;
}

// The kernel as implementation 1 stores it for channels_last: (outputs, taps · channels, filters), zero outside.
Tensor LocallyConnected::kernel_per_position(const ops::ConvShape& s, const Tensor& stored) const {
    const std::vector<std::int64_t> inside = taps_inside(s.axes);
    const StoredKernel kernel{implementation,
                              window.data_format == DataFormat::channels_last,
                              ops::window_taps(s.axes),
                              ops::input_positions(s.axes),
                              ops::output_positions(s.axes),
                              s.channels,
                              s.filters,
                              std::accumulate(inside.begin(), inside.end(), std::int64_t{0})};
    Tensor result(stored.dtype(), {kernel.outputs, kernel.taps * s.channels, s.filters});
    with_float(stored.dtype(), [&]<class T>(Type<T>) {
        const auto from = stored.values<T>();
        T* to = result.mutable_values<T>().data();
        std::int64_t before = 0, place = 0;
        const auto copy = [&](std::int64_t input, std::int64_t tap, std::int64_t output) {
            const Strides step = kernel.at(output, before, inside[static_cast<std::size_t>(output)]);
            const std::int64_t index = implementation == 1 ? tap : implementation == 2 ? input : place;
            for (std::int64_t c = 0; c < s.channels; ++c)
                for (std::int64_t f = 0; f < s.filters; ++f)
                    to[((output * kernel.taps + tap) * s.channels + c) * s.filters + f] = from[static_cast<std::size_t>(
                        step.origin + index * step.place + c * step.channel + f * step.filter)];
            if (++place < inside[static_cast<std::size_t>(output)]) return;
            before += place;
            place = 0;
        };
        ops::Patches<T>(s.axes, 1, 1).for_each_tap(0, kernel.outputs, copy);
    });
    return result;
}

void LocallyConnected::convolve(const ops::ConvShape& shape, const Tensor& x, const Weights& w, Tensor& y) const {
    ops::local_conv(shape, x, kernel_per_position(shape, w["kernel"]), y);
}

// With channels_first Keras reshapes the bias (outputs…, filters) to (filters, outputs…) as it lies in memory.
void LocallyConnected::add_bias(const Tensor& bias, Tensor& y) const {
    const std::int64_t outputs = static_cast<std::int64_t>(bias.elements()) / filters;
    const bool channels_last = window.data_format == DataFormat::channels_last;
    ops::add_bias(y, channels_last ? bias : ops::transpose(bias.reshaped({filters, outputs}), {1, 0}));
}

std::optional<std::int64_t> LocallyConnected::macs_of(const ops::ConvShape& shape) const {
    return ops::times(ops::times(ops::applications(shape), shape.channels), filters);
}

}  // namespace layerctl
