// The rest of the corpus' custom classes as a plug-in; the template in docs/plugin/ has the others.
#include <layerctl/plugin.hpp>

#include <cmath>

#include "docs/plugin/linear.hpp"

namespace {

using namespace layerctl::plugin;

/// x · scale + shift.
class ScaleShift final : public Layer {
public:
    explicit ScaleShift(const Config& config) : scale_(config.number("scale")), shift_(config.number("shift")) {}

    std::vector<Spec> outputs(const std::vector<Spec>& in) const override { return {in[0]}; }

    void call(const Call& call) const override {
        map(call.input(), call.output(), [this](auto x) {
            using T = decltype(x);
            return static_cast<T>(x * static_cast<T>(scale_) + static_cast<T>(shift_));
        });
    }

private:
    double scale_, shift_;
};

/// A convolution with padding "same" and without bias, a batch normalization and a ReLU, as Keras' objects hold their
/// weights: "conv/kernel", "bn/gamma", …
class ConvBNRelu final : public Layer {
public:
    explicit ConvBNRelu(const Config& config)
        : filters_(config.integer("filters")), kernel_(config.integer("kernel")), strides_(config.integer("strides")) {
        if (filters_ <= 0 || kernel_ <= 0 || strides_ <= 0) throw Failure(LAYERCTL_BAD_CONFIG, "wanted positive sizes");
    }

    std::vector<Spec> outputs(const std::vector<Spec>& in) const override {
        const Dims& x = in[0].shape;
        if (x.size() != 4) throw Failure(LAYERCTL_BAD_SHAPE, "wanted images");
        return {{{x[0], strided(x[1]), strided(x[2]), filters_}}};
    }

    std::vector<Weight> weights(const std::vector<Spec>& in) const override {
        return {{"conv/kernel", {kernel_, kernel_, known(in[0].shape[3]), filters_}},
                {"bn/gamma", {filters_}, "ones"},
                {"bn/beta", {filters_}, "zeros"},
                {"bn/moving_mean", {filters_}, "zeros", false},
                {"bn/moving_variance", {filters_}, "ones", false}};
    }

    void call(const Call& call) const override {
        with_float(call.input().dtype(), [&](auto zero) { run<decltype(zero)>(call); });
    }

private:
    std::int64_t strided(std::int64_t size) const {
        return size == unknown ? unknown : (size + strides_ - 1) / strides_;
    }

    std::int64_t padding_before(std::int64_t size) const {
        return std::max<std::int64_t>((strided(size) - 1) * strides_ + kernel_ - size, 0) / 2;
    }

    template <class T>
    void run(const Call& call) const {
        const Tensor x = call.input();
        const Output y = call.output();
        T* pixel = y.values<T>();
        for (std::int64_t n = 0; n < y.dim(0); ++n)
            for (std::int64_t row = 0; row < y.dim(1); ++row)
                for (std::int64_t column = 0; column < y.dim(2); ++column, pixel += filters_) {
                    std::fill(pixel, pixel + filters_, T{0});
                    add_window(call, n, row * strides_ - padding_before(x.dim(1)),
                               column * strides_ - padding_before(x.dim(2)), pixel);
                    normalize(call, pixel);
                }
    }

    /// y += the products of the kernel and the window of image n that begins there.
    template <class T>
    void add_window(const Call& call, std::int64_t n, std::int64_t top, std::int64_t left, T* y) const {
        const Tensor x = call.input();
        const std::int64_t height = x.dim(1), width = x.dim(2), channels = x.dim(3);
        const T* kernel = call.weight("conv/kernel").values<T>();
        for (std::int64_t i = 0; i < kernel_; ++i)
            for (std::int64_t j = 0; j < kernel_; ++j) {
                const std::int64_t row = top + i, column = left + j;
                if (row < 0 || row >= height || column < 0 || column >= width) continue;
                const T* from = x.values<T>() + ((n * height + row) * width + column) * channels;
                const T* factors = kernel + (i * kernel_ + j) * channels * filters_;
                for (std::int64_t c = 0; c < channels; ++c)
                    for (std::int64_t f = 0; f < filters_; ++f) y[f] += from[c] * factors[c * filters_ + f];
            }
    }

    template <class T>
    void normalize(const Call& call, T* y) const {
        const T* gamma = call.weight("bn/gamma").values<T>();
        const T* beta = call.weight("bn/beta").values<T>();
        const T* mean = call.weight("bn/moving_mean").values<T>();
        const T* variance = call.weight("bn/moving_variance").values<T>();
        for (std::int64_t f = 0; f < filters_; ++f)
            y[f] = std::max((y[f] - mean[f]) / std::sqrt(variance[f] + T(1e-3)) * gamma[f] + beta[f], T{0});
    }

    std::int64_t filters_, kernel_, strides_;
};

void square(const Tensor& x, const Output& y) {
    map(x, y, [](auto value) { return value * value; });
}

}  // namespace

const layerctl_plugin* layerctl_plugin_entry() {
    static const Plugin plugin(
        {layer<my_layers::Linear>("pkg>Linear").config(my_layers::Linear::keys),
         layer<ScaleShift>("ScaleShift").config(R"({"scale": 2.0, "shift": 0.5})"),
         layer<ConvBNRelu>("blocks>ConvBNRelu").config(R"({"filters": 4, "kernel": 3, "strides": 1})")},
        {activation<square>("pkg>sq")});
    return plugin.table();
}
