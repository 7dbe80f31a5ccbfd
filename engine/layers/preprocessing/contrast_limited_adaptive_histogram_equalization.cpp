// ContrastLimitedAdaptiveHistogramEqualization: every pixel through the cumulated histograms of the four tiles around
// it, blended by distance. Histograms are cut at a limit first and what was cut is spread evenly.
#include <algorithm>
#include <cmath>

#include "engine/layer.hpp"
#include "engine/ops/spatial.hpp"

namespace layerctl {
namespace {

constexpr std::size_t levels = 256;

/// The tiles along one axis of an image. The last may reach beyond the image, which is mirrored there.
struct Tiling {
    std::int64_t size, tiles, tile;

    Tiling(std::int64_t image_size, std::int64_t tile_count)
        : size(image_size), tiles(tile_count), tile((image_size + tile_count - 1) / tile_count) {}

    bool covers_at_most_twice() const { return size > 0 && tile * tiles <= 2 * size; }

    std::int64_t mirrored(std::int64_t at) const { return at < size ? at : 2 * size - 1 - at; }
};

/// Where a pixel lies between the centres of two neighbouring tiles.
struct Blend {
    std::int64_t before, after;
    float share;  // of `after`

    Blend(const Tiling& axis, std::int64_t at) {
        const float tile = static_cast<float>(axis.tile);
        const float place = (static_cast<float>(at) - tile / 2) / tile + 1, whole = std::floor(place);
        share = place - whole;
        const auto index = [&](float padded) {  // the first and the last tile also stand outside
            return std::clamp<std::int64_t>(static_cast<std::int64_t>(padded) - 1, 0, axis.tiles - 1);
        };
        before = index(whole);
        after = index(whole + 1);
    }

    float of(float first, float second) const { return first * (1 - share) + second * share; }
};

class ContrastLimitedAdaptiveHistogramEqualization final : public Layer {
    std::vector<double> value_range = {0, 255};
    double clip_limit = 4;
    std::vector<std::int64_t> tile_grid_size = {8, 8};
    DataFormat data_format = DataFormat::channels_last;

    void config(ConfigIo& io) override {
        io.optional("value_range", value_range, [](const std::vector<double>& range) {
            return range.size() == 2 && range[0] < range[1] ? nullptr : "two numbers, the smaller one first";
        });
        io.optional("clip_limit", clip_limit);
        io.optional("tile_grid_size", per_axis(tile_grid_size, 2), positive);
        io.optional("data_format", data_format);
    }

    DType input_dtype(std::size_t, DType given) const override { return keep(given); }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() == 4, "input must have rank 4, found shape ", in[0]);
        const auto parts = ops::SpatialShape::split(in[0], 2, data_format);
        for (std::size_t i = 0; i < 2; ++i) {
            if (parts.spatial[i] == Shape::unknown) continue;
            const bool few = tile_grid_size[i] <= parts.spatial[i] * 2;
            require(few && Tiling(parts.spatial[i], tile_grid_size[i]).covers_at_most_twice(), "wanted images that ",
                    tile_grid_size[i], " tiles cover at most twice, found shape ", in[0]);
        }
        return {in[0]};
    }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        Tensor floats = x[0].cast(DType::float32), equalized = Tensor::uninitialized(DType::float32, x[0].shape());
        change_range(floats, value_range, {0, 255});
        ops::in_channels_last(floats, equalized, 2, data_format, [&](const Tensor& from, Tensor& to) {
            for (std::int64_t image = 0; image < from.shape()[0]; ++image)
                for (std::int64_t channel = 0; channel < from.shape()[3]; ++channel) equalize(from, image, channel, to);
        });
        change_range(equalized, {0, 255}, value_range);
        y[0] = equalized.cast(y[0].dtype());
    }

    static void change_range(Tensor& y, const std::vector<double>& from, const std::vector<double>& to) {
        if (from == to) return;
        const float low = static_cast<float>(from[0]), span = static_cast<float>(from[1]) - low;
        const float new_low = static_cast<float>(to[0]), new_span = static_cast<float>(to[1]) - new_low;
        for (float& value : y.mutable_values<float>()) value = (value - low) / span * new_span + new_low;
    }

    void equalize(const Tensor& from, std::int64_t image, std::int64_t channel, Tensor& to) const {
        const std::int64_t height = from.shape()[1], width = from.shape()[2], channels = from.shape()[3];
        const Tiling rows(height, tile_grid_size[0]), columns(width, tile_grid_size[1]);
        const std::int64_t first = image * height * width * channels + channel;
        const float* pixels = from.values<float>().data() + first;
        const auto level = [&](std::int64_t row, std::int64_t column) {
            const float pixel = pixels[(row * width + column) * channels];
            return pixel > 0 ? static_cast<std::size_t>(std::min(pixel, 255.0f)) : 0;
        };
        std::vector<float> maps;  // (tiles, tiles, levels)
        for (std::int64_t i = 0; i < rows.tiles; ++i)
            for (std::int64_t j = 0; j < columns.tiles; ++j) add_tile(rows, columns, i, j, level, maps);
        float* out = to.mutable_values<float>().data() + first;
        for (std::int64_t row = 0; row < height; ++row)
            for (std::int64_t column = 0; column < width; ++column) {
                const Blend down(rows, row), across(columns, column);
                const auto mapped = [&](std::int64_t i, std::int64_t j) {
                    return maps[static_cast<std::size_t>(i * columns.tiles + j) * levels + level(row, column)];
                };
                out[(row * width + column) * channels] =
                    down.of(across.of(mapped(down.before, across.before), mapped(down.before, across.after)),
                            across.of(mapped(down.after, across.before), mapped(down.after, across.after)));
            }
    }

    /// Appends what the levels of one tile become.
    template <class Level>
    void add_tile(const Tiling& rows, const Tiling& columns, std::int64_t i, std::int64_t j, const Level& level,
                  std::vector<float>& maps) const {
        std::vector<float> counts(levels);
        for (std::int64_t row = i * rows.tile; row < (i + 1) * rows.tile; ++row)
            for (std::int64_t column = j * columns.tile; column < (j + 1) * columns.tile; ++column)
                ++counts[level(rows.mirrored(row), columns.mirrored(column))];
        const float area = static_cast<float>(rows.tile * columns.tile);
        if (clip_limit > 0)
            spread_excess(counts, static_cast<float>(clip_limit * static_cast<double>(rows.tile * columns.tile) / 256));
        for (std::size_t k = 1; k < levels; ++k) counts[k] += counts[k - 1];
        const float least = counts[0], span = area == least ? 1 : area - least;
        for (const float count : counts) maps.push_back(std::clamp((count - least) * 255 / span, 0.0f, 255.0f));
    }

    static void spread_excess(std::vector<float>& counts, float limit) {
        float excess = 0;
        for (float& count : counts) {
            excess += count - std::min(count, limit);
            count = std::min(count, limit);
        }
        for (float& count : counts) count += excess / levels;
    }
};

LAYERCTL_REGISTER_LAYER(ContrastLimitedAdaptiveHistogramEqualization);

}  // namespace
}  // namespace layerctl
