// Patches: the part of an image under one window position as a matrix row, and back (im2col, col2im).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/ops/spatial.hpp"

namespace layerctl::ops {

/// Rows of (tap, channel) for consecutive window positions of a batch of images. `channels` of the `pitch` channels an
/// image has are used, from the one `image` points at.
template <class T>
class Patches {
public:
    Patches(const WindowAxes& axes, std::int64_t channels, std::int64_t pitch)
        : axes_(axes), channels_(channels), pitch_(pitch) {}

    std::int64_t row_size() const { return window_taps(axes_) * channels_; }

    /// How many rows keep a block of them below 8 MiB.
    std::int64_t rows_per_block() const {
        constexpr std::int64_t most = (std::int64_t{8} << 20) / static_cast<std::int64_t>(sizeof(T));
        return std::max<std::int64_t>(most / std::max<std::int64_t>(row_size(), 1), 1);
    }

    /// Writes rows [first, last) of the batch, padding as zeros.
    void gather(const T* images, std::int64_t first, std::int64_t last, T* rows) const {
        std::fill_n(rows, (last - first) * row_size(), T{0});
        for_each_tap(first, last, [&](std::int64_t element, std::int64_t column, std::int64_t row) {
            std::copy_n(images + element, channels_, rows + row * row_size() + column);
        });
    }

    /// Adds rows [first, last) to where `gather` would read them.
    void scatter(const T* rows, std::int64_t first, std::int64_t last, T* images) const {
        for_each_tap(first, last, [&](std::int64_t element, std::int64_t column, std::int64_t row) {
            const T* const from = rows + row * row_size() + column;
            T* const to = images + element;
            for (std::int64_t c = 0; c < channels_; ++c) to[c] += from[c];
        });
    }

    /// Calls `action(element of the images, column, row)` for every tap that lies inside, in row-major order.
    template <class Action>
    void for_each_tap(std::int64_t first, std::int64_t last, Action&& action) const {
        const auto& [depth, height, width] = axes_;
        const std::int64_t positions = output_positions(axes_), image = input_positions(axes_) * pitch_;
        for (std::int64_t at = first; at < last; ++at) {
            const std::int64_t t = at % positions, base = at / positions * image;
            const std::int64_t td = t / (height.out * width.out), th = t / width.out % height.out, tw = t % width.out;
            const auto kd = depth.taps(td), kh = height.taps(th), kw = width.taps(tw);
            for (std::int64_t d = kd.first; d < kd.last; ++d)
                for (std::int64_t h = kh.first; h < kh.last; ++h) {
                    const std::int64_t line = depth.position(td, d) * height.in + height.position(th, h);
                    const std::int64_t column = (d * height.size + h) * width.size;
                    for (std::int64_t w = kw.first; w < kw.last; ++w)
                        action(base + (line * width.in + width.position(tw, w)) * pitch_, (column + w) * channels_,
                               at - first);
                }
        }
    }

private:
    const WindowAxes& axes_;
    std::int64_t channels_;
    std::int64_t pitch_;
};

}  // namespace layerctl::ops
