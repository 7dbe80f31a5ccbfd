#include "engine/ops/resize.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "engine/ops/legacy_resize.hpp"
#include "engine/ops/spatial.hpp"
#include "models/dispatch.hpp"

namespace layerctl::ops {
namespace {

// The inputs from `first` on that make up one output, and their weights.
struct Sample {
    std::int64_t first = 0;
    std::vector<float> weights;
};
using Samples = std::vector<Sample>;

struct Axis {
    std::int64_t in, out;
    PixelGrid grid = PixelGrid::half_pixel;
    float scale() const {
        if (grid == PixelGrid::aligned && out > 1) return static_cast<float>(in - 1) / static_cast<float>(out - 1);
        return static_cast<float>(in) / static_cast<float>(out);
    }
    float centre(std::int64_t i) const { return (static_cast<float>(i) + 0.5F) * scale(); }  // of output i, in inputs
    float position(std::int64_t i) const {
        return grid == PixelGrid::half_pixel ? centre(i) - 0.5F : static_cast<float>(i) * scale();
    }
};

void normalize(std::vector<float>& weights) {
    float sum = 0;
    for (const float weight : weights) sum += weight;
    if (std::abs(sum) < 1000.0F * std::numeric_limits<float>::min()) return;
    for (float& weight : weights) weight /= sum;
}

Sample nearest(const Axis& axis, std::int64_t i) {
    const float at = axis.grid == PixelGrid::half_pixel ? std::floor(axis.centre(i))
                     : axis.grid == PixelGrid::corner   ? std::floor(axis.position(i))
                                                        : std::round(axis.position(i));
    return {std::min(static_cast<std::int64_t>(at), axis.in - 1), {1.0F}};
}

Sample bilinear(const Axis& axis, std::int64_t i) {
    const float at = axis.position(i), floor = std::floor(at);
    const auto lower = std::max<std::int64_t>(static_cast<std::int64_t>(floor), 0);
    const auto upper = std::min(static_cast<std::int64_t>(std::ceil(at)), axis.in - 1);
    if (upper <= lower) return {lower, {1.0F}};
    return {lower, {1.0F - (at - floor), at - floor}};
}

// Keys' cubic; a = −1/2 unless said otherwise. TensorFlow reads it from a table of 1024 steps per unit.
float table_cubic(float x, float a = -0.5F) {
    return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}

// In TensorFlow 1 a = −3/4, and the outermost pixel stands in for those beyond it.
Sample legacy_bicubic(const Axis& axis, std::int64_t lower, float delta) {
    const auto inside = [&](std::int64_t k) { return std::clamp<std::int64_t>(k, 0, axis.in - 1); };
    const std::int64_t first = inside(lower - 1);
    Sample sample{first, std::vector<float>(static_cast<std::size_t>(inside(lower + 2) - first + 1))};
    for (std::int64_t k = lower - 1; k <= lower + 2; ++k)
        sample.weights[static_cast<std::size_t>(inside(k) - first)] +=
            table_cubic(std::abs(static_cast<float>(k - lower) - delta), -0.75F);
    return sample;
}

Sample bicubic(const Axis& axis, std::int64_t i) {
    constexpr float steps = 1024;
    const float at = axis.position(i), floor = std::floor(at);
    const float delta = std::rint((at - floor) * steps) / steps;
    if (axis.grid != PixelGrid::half_pixel) return legacy_bicubic(axis, static_cast<std::int64_t>(floor), delta);
    const auto lower = static_cast<std::int64_t>(floor) - 1;
    const auto first = std::max<std::int64_t>(lower, 0), last = std::min(lower + 3, axis.in - 1);
    Sample sample{first, {}};
    for (std::int64_t k = first; k <= last; ++k)
        sample.weights.push_back(table_cubic(std::abs(static_cast<float>(k - lower - 1) - delta)));
    normalize(sample.weights);
    return sample;
}

Sample area(const Axis& axis, std::int64_t i) {
    const float begin = static_cast<float>(i) * axis.scale(), end = static_cast<float>(i + 1) * axis.scale();
    Sample sample{static_cast<std::int64_t>(std::floor(begin)), {}};
    const auto last = std::min(static_cast<std::int64_t>(std::ceil(end)), axis.in);
    for (std::int64_t k = sample.first; k < last; ++k) {
        const auto at = static_cast<float>(k);
        sample.weights.push_back((std::min(at + 1, end) - std::max(at, begin)) / axis.scale());
    }
    return sample;
}

float lanczos(float radius, float x) {
    constexpr float pi = std::numbers::pi_v<float>;
    if (x > radius) return 0;
    if (x <= 1e-3F) return 1;
    return radius * std::sin(pi * x) * std::sin(pi * x / radius) / (pi * pi * x * x);
}
float lanczos3(float x) { return lanczos(3, x); }
float lanczos5(float x) { return lanczos(5, x); }
float gaussian(float x) { return x >= 1.5F ? 0 : std::exp(-x * x / (2 * 0.5F * 0.5F)); }
float triangle(float x) { return x >= 1 ? 0 : 1 - x; }
float keys_cubic(float x) { return x >= 2 ? 0 : table_cubic(x); }
float mitchell_cubic(float x) {
    if (x >= 2) return 0;
    if (x >= 1) return ((-7.0F / 18 * x + 2) * x - 10.0F / 3) * x + 16.0F / 9;
    return (7.0F / 6 * x - 2) * x * x + 8.0F / 9;
}

struct Kernel {
    float (*weight)(float distance);
    float radius;
};

// Samples within the kernel's radius of the output's centre; an output whose centre lies outside stays zero.
Sample filtered(const Axis& axis, std::int64_t i, const Kernel& kernel, bool antialias) {
    const float width = antialias ? std::max(axis.scale(), 1.0F) : 1.0F, reach = kernel.radius * width;
    const float at = axis.centre(i);
    if (at < 0 || at > static_cast<float>(axis.in)) return {};
    const auto clamp = [&](float k) { return std::clamp<std::int64_t>(static_cast<std::int64_t>(k), 0, axis.in - 1); };
    Sample sample{clamp(std::ceil(at - reach - 0.5F)), {}};
    for (std::int64_t k = sample.first; k <= clamp(std::floor(at + reach - 0.5F)); ++k)
        sample.weights.push_back(kernel.weight(std::abs(static_cast<float>(k) + 0.5F - at) / width));
    normalize(sample.weights);
    return sample;
}

Sample sample(Interpolation method, bool antialias, const Axis& axis, std::int64_t i) {
    switch (method) {
        case Interpolation::nearest: return nearest(axis, i);
        case Interpolation::bilinear: return antialias ? filtered(axis, i, {triangle, 1}, true) : bilinear(axis, i);
        case Interpolation::bicubic: return antialias ? filtered(axis, i, {keys_cubic, 2}, true) : bicubic(axis, i);
        case Interpolation::area: return area(axis, i);
        case Interpolation::lanczos3: return filtered(axis, i, {lanczos3, 3}, antialias);
        case Interpolation::lanczos5: return filtered(axis, i, {lanczos5, 5}, antialias);
        case Interpolation::gaussian: return filtered(axis, i, {gaussian, 1.5F}, antialias);
        case Interpolation::mitchellcubic: return filtered(axis, i, {mitchell_cubic, 2}, antialias);
    }
    fail(Code::internal, "an interpolation without a kernel");
}

// y (outer, out, inner) = weighted sums of x (outer, in, inner) along the middle axis.
template <class T>
void resample(Interpolation method, bool antialias, const Axis& axis, const T* x, std::int64_t outer,
              std::int64_t inner, T* y) {
    Samples samples;
    for (std::int64_t i = 0; i < axis.out; ++i) samples.push_back(sample(method, antialias, axis, i));
    for (std::int64_t o = 0; o < outer; ++o, x += axis.in * inner)
        for (const Sample& part : samples) {
            std::fill_n(y, inner, T{0});
            const T* from = x + part.first * inner;
            for (const float weight : part.weights) {
                for (std::int64_t c = 0; c < inner; ++c) y[c] += static_cast<T>(weight) * from[c];
                from += inner;
            }
            y += inner;
        }
}

void resize(PixelGrid grid, Interpolation method, bool antialias, const Tensor& x, Tensor& y) {
    const bool smooths = method == Interpolation::gaussian || method == Interpolation::mitchellcubic;
    if (x.shape() == y.shape() && !smooths) {
        y = x;
        return;
    }
    const Axis height{x.shape()[1], y.shape()[1], grid}, width{x.shape()[2], y.shape()[2], grid};
    const std::int64_t batch = x.shape()[0], channels = x.shape()[3];
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        Tensor middle = Tensor::uninitialized(x.dtype(), x.shape().with(1, height.out));
        T* const between = middle.mutable_values<T>().data();
        resample(method, antialias, height, x.values<T>().data(), batch, width.in * channels, between);
        resample(method, antialias, width, static_cast<const T*>(between), batch * height.out, channels,
                 y.mutable_values<T>().data());
    });
}

}  // namespace

void resize(Interpolation method, bool antialias, const Tensor& x, Tensor& y) {
    resize(PixelGrid::half_pixel, method, antialias, x, y);
}

void resize_on(PixelGrid grid, Interpolation method, const Tensor& x, Tensor& y) { resize(grid, method, false, x, y); }

}  // namespace layerctl::ops
