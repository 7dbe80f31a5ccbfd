#include "engine/ops/pool.hpp"

#include <algorithm>
#include <limits>

#include "models/dispatch.hpp"

namespace layerctl::ops {
namespace {

// Reducers gather rows of channels and write the result to y.
template <class T>
struct Maximum {
    explicit Maximum(std::int64_t n) : channels(n) {}
    void start(T* y) const { std::fill_n(y, channels, std::numeric_limits<T>::lowest()); }
    void add(const T* x, T* y) {
        for (std::int64_t c = 0; c < channels; ++c) y[c] = x[c] > y[c] ? x[c] : y[c];
    }
    void finish(T*) const {}
    std::int64_t channels;
};

template <class T>
struct MaximumOrNan {
    explicit MaximumOrNan(std::int64_t n) : channels(n) {}
    void start(T* y) const { std::fill_n(y, channels, -std::numeric_limits<T>::infinity()); }
    void add(const T* x, T* y) {
        for (std::int64_t c = 0; c < channels; ++c) y[c] = x[c] <= y[c] || y[c] != y[c] ? y[c] : x[c];
    }
    void finish(T*) const {}
    std::int64_t channels;
};

template <class T>
struct Average {
    explicit Average(std::int64_t n) : sums(static_cast<std::size_t>(n)) {}
    void start(T*) {
        std::fill(sums.begin(), sums.end(), 0.0);
        count = 0;
    }
    void add(const T* x, T*) {
        for (std::size_t c = 0; c < sums.size(); ++c) sums[c] += static_cast<double>(x[c]);
        ++count;
    }
    void finish(T* y) const {
        for (std::size_t c = 0; c < sums.size(); ++c) y[c] = static_cast<T>(sums[c] / static_cast<double>(count));
    }
    std::vector<double> sums;
    std::int64_t count = 0;
};

template <class T, class Reducer>
void pool_image(const Boxes& boxes, const T* x, std::int64_t channels, Reducer& reducer, T* y) {
    for (const Range& depth : boxes.ranges[0])
        for (const Range& height : boxes.ranges[1])
            for (const Range& width : boxes.ranges[2]) {
                reducer.start(y);
                for (std::int64_t d = depth.first; d < depth.last; ++d)
                    for (std::int64_t h = height.first; h < height.last; ++h)
                        for (std::int64_t w = width.first; w < width.last; ++w)
                            reducer.add(x + ((d * boxes.in[1] + h) * boxes.in[2] + w) * channels, y);
                reducer.finish(y);
                y += channels;
            }
}

template <class Reducer, class T>
void pool_images(const Boxes& boxes, const Tensor& x, Type<T>, Tensor& y) {
    if (y.elements() == 0) return;
    const std::int64_t channels = y.shape().back(), batch = y.shape().front();
    const std::int64_t in_size = static_cast<std::int64_t>(x.elements()) / batch;
    const std::int64_t out_size = static_cast<std::int64_t>(y.elements()) / batch;
    Reducer reducer(channels);
    T* const out = y.mutable_values<T>().data();
    for (std::int64_t b = 0; b < batch; ++b)
        pool_image(boxes, x.values<T>().data() + b * in_size, channels, reducer, out + b * out_size);
}

// Runs `action(Type<T>, x, y)` in float32 or float64; integers go through float64 and back.
template <class Action>
void in_floats(const Tensor& x, Tensor& y, const Action& action) {
    if (is_floating(y.dtype())) return with_float(y.dtype(), [&](auto type) { action(type, x, y); });
    Tensor result = Tensor::uninitialized(DType::float64, y.shape());
    action(Type<double>{}, x.cast(DType::float64), result);
    y = result.cast(y.dtype());
}

}  // namespace

Boxes window_boxes(const Window& window, const Shape& spatial) {
    const WindowAxes axes = window.axes(spatial);
    Boxes boxes;
    for (std::size_t i = 0; i < 3; ++i) {
        boxes.in[i] = axes[i].in;
        boxes.ranges[i].clear();
        for (std::int64_t t = 0; t < axes[i].out; ++t) {
            const auto taps = axes[i].taps(t);
            boxes.ranges[i].push_back({axes[i].position(t, taps.first), axes[i].position(t, taps.last)});
        }
    }
    return boxes;
}

Boxes adaptive_boxes(const Shape& spatial, const std::vector<std::int64_t>& out) {
    Boxes boxes;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t axis = 3 - out.size() + i;
        const std::int64_t n = boxes.in[axis] = spatial[i];
        boxes.ranges[axis].clear();
        for (std::int64_t t = 0; t < out[i]; ++t)
            boxes.ranges[axis].push_back({t * n / out[i], ((t + 1) * n + out[i] - 1) / out[i]});
    }
    return boxes;
}

void pool(Pooling pooling, const Boxes& boxes, const Tensor& x, Tensor& y) {
    in_floats(x, y, [&]<class T>(Type<T> type, const Tensor& from, Tensor& to) {
        if (pooling == Pooling::max) pool_images<Maximum<T>>(boxes, from, type, to);
        else pool_images<Average<T>>(boxes, from, type, to);
    });
}

void global_pool(Pooling pooling, std::int64_t positions, const Tensor& x, Tensor& y) {
    Boxes all;
    all.in[2] = positions;
    all.ranges[2] = {{0, positions}};
    in_floats(x, y, [&]<class T>(Type<T> type, const Tensor& from, Tensor& to) {
        if (pooling == Pooling::max) pool_images<MaximumOrNan<T>>(all, from, type, to);
        else pool_images<Average<T>>(all, from, type, to);
    });
}

void masked_average(const Tensor& x, const Tensor& mask, Tensor& y) {
    const std::int64_t positions = mask.shape()[1], channels = x.shape().back();
    with_float(y.dtype(), [&]<class T>(Type<T>) {
        const T* row = x.values<T>().data();
        T* out = y.mutable_values<T>().data();
        const auto valid = mask.values<bool>();
        Average<T> average(channels);
        for (std::int64_t b = 0; b < mask.shape()[0]; ++b, out += channels) {
            average.start(out);
            for (std::int64_t t = 0; t < positions; ++t, row += channels)
                if (valid[static_cast<std::size_t>(b * positions + t)]) average.add(row, out);
            average.finish(out);
        }
    });
}

}  // namespace layerctl::ops
