// STFT: cosines or sines of all frequencies under a window, scaled.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <numeric>

#include "engine/initializers/fill.hpp"
#include "models/error.hpp"
#include "models/suggest.hpp"

namespace layerctl::initializers {
namespace {

/// The windows of scipy.signal that are sums of cosines: w(t) = Σ (−1)^k · a(k) · cos(2πkt / N).
struct CosineSum {
    std::string_view name;
    std::vector<double> terms;
};

const std::vector<CosineSum>& cosine_sums() {
    static const std::vector<CosineSum> table = {
        {"boxcar", {1}},
        {"hann", {0.5, 0.5}},
        {"hamming", {0.54, 0.46}},
        {"blackman", {0.42, 0.5, 0.08}},
        {"nuttall", {0.3635819, 0.4891775, 0.1365995, 0.0106411}},
        {"blackmanharris", {0.35875, 0.48829, 0.14128, 0.01168}},
        {"flattop", {0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368}},
    };
    return table;
}

std::vector<double> named_window(const std::string& name, std::size_t size, bool periodic) {
    std::vector<std::string> known;
    for (const CosineSum& row : cosine_sums()) known.emplace_back(row.name);
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) fail(Code::unsupported, "unknown window '", name, "'", did_you_mean(name, known));
    const std::vector<double>& terms = cosine_sums()[static_cast<std::size_t>(found - known.begin())].terms;
    const auto turns = static_cast<double>(periodic ? size : std::max<std::size_t>(size, 2) - 1);
    std::vector<double> window(size, 1.0);
    for (std::size_t t = 0; t < size && size > 1; ++t) {
        window[t] = 0;
        for (std::size_t k = 0; k < terms.size(); ++k)
            window[t] +=
                (k % 2 == 0 ? 1 : -1) * terms[k] * std::cos(2 * std::numbers::pi * static_cast<double>(k * t) / turns);
    }
    return window;
}

std::vector<double> window_of(const Parameters& p, std::size_t size) {
    if (p.window.is_null()) return std::vector<double>(size, 1.0);
    if (p.window.string() != nullptr) return named_window(*p.window.string(), size, p.periodic);
    NumberArray array;
    if (!ConfigField<NumberArray>::read(p.window, array, Dialect::keras3) || array.numbers.size() != size)
        fail(Code::config, "config key 'window': wanted the name of a window or ", size, " numbers, found ",
             excerpt(p.window));
    return array.numbers;
}

/// By what the windowed waves are divided.
double scale_of(const Parameters& p, const std::vector<double>& window) {
    if (p.window.is_null() || !p.scaling) return 1;
    if (*p.scaling != "density" && *p.scaling != "spectrum")
        fail(Code::config, "config key 'scaling': wanted 'density', 'spectrum' or null, found '", *p.scaling, "'");
    const bool squares = *p.scaling == "density";
    double sum = 0;
    for (const double w : window) sum += squares ? w * w : std::abs(w);
    return squares ? std::sqrt(sum) : sum;
}

}  // namespace

void fill_stft(const Parameters& p, const Shape& shape, ops::Random&, std::span<double> values) {
    if (shape.rank() != 3 || shape[1] != 1)
        fail(Code::config, "wanted a weight of shape (frame, 1, frequencies), found ", shape);
    if (p.side != "real" && p.side != "imag")
        fail(Code::config, "config key 'side': wanted 'real' or 'imag', found '", p.side, "'");
    const auto frame = static_cast<std::size_t>(shape[0]), frequencies = static_cast<std::size_t>(shape[2]);
    const std::vector<double> window = window_of(p, frame);
    const double scale = scale_of(p, window), length = 2 * (static_cast<double>(frequencies) - 1);
    for (std::size_t t = 0; t < frame; ++t)
        for (std::size_t f = 0; f < frequencies; ++f) {
            const double angle = -2 * std::numbers::pi * static_cast<double>(t * f) / length;
            values[t * frequencies + f] = (p.side == "real" ? std::cos(angle) : std::sin(angle)) * window[t] / scale;
        }
}

}  // namespace layerctl::initializers
