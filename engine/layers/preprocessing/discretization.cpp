// Discretization: numbers into the bins between sorted boundaries; a number equal to a boundary lies above it.
#include <algorithm>
#include <cmath>

#include "engine/announced_shape.hpp"
#include "engine/layer.hpp"
#include "engine/layers/preprocessing/category_encoder.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

/// numpy's interp for increasing `xs`.
double interpolate(double x, const std::vector<float>& xs, std::span<const float> ys) {
    const auto above = static_cast<std::size_t>(std::upper_bound(xs.begin(), xs.end(), x) - xs.begin());
    if (above == 0) return ys.front();
    if (above == xs.size()) return ys.back();
    const double x0 = xs[above - 1], y0 = ys[above - 1];
    return (ys[above] - y0) / (xs[above] - x0) * (x - x0) + y0;
}

/// The boundaries of `num_bins` bins of about equal weight; `summary` holds sorted values and their weights.
std::vector<float> boundaries_of(const Tensor& summary, std::int64_t num_bins) {
    const auto size = static_cast<std::size_t>(summary.shape()[1]);
    const auto values = summary.values<float>().first(size), weights = summary.values<float>().last(size);
    const double step = 1.0 / static_cast<double>(num_bins);
    std::vector<float> boundaries;
    if (static_cast<double>(size) * step < 1) {
        boundaries.assign(values.begin(), values.end());
    } else {
        std::vector<float> shares(size);
        float total = 0;
        for (std::size_t i = 0; i < size; ++i) shares[i] = total += weights[i];
        for (float& share : shares) share /= total;
        const auto bins = static_cast<std::size_t>(std::ceil(1.0 / step));
        for (std::size_t i = 0; i < bins; ++i)
            boundaries.push_back(static_cast<float>(interpolate(step + static_cast<double>(i) * step, shares, values)));
    }
    if (!boundaries.empty()) boundaries.pop_back();
    return boundaries;
}

class Discretization final : public Layer, public AnnouncesShape {
    std::optional<std::vector<double>> bin_boundaries;
    std::optional<std::int64_t> num_bins;
    OutputMode output_mode = OutputMode::integer;

    void config(ConfigIo& io) override {
        io.optional("bin_boundaries", bin_boundaries);
        io.optional("num_bins", num_bins, [](const auto& bins) { return !bins || *bins > 0 ? nullptr : "positive"; });
        io.optional("output_mode", output_mode, without_tf_idf);
        io.ignored("epsilon");
        io.only("sparse", false);
    }

    bool is_keras3() const { return context().dialect == Dialect::keras3; }

    /// Keras 2 keeps what adapt() saw in a weight and derives the boundaries from it.
    WeightSpecs weights(const Shapes&) const override {
        if (bin_boundaries) return {};
        return {{"summary", {2, Shape::unknown}, Initializer::zeros(), false, DType::float32}};
    }

    CategoryEncoder encoder() const {
        const std::size_t boundaries = bin_boundaries ? bin_boundaries->size() : 0;
        return {output_mode, static_cast<std::int64_t>(boundaries) + 1, context().dialect};
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        if (!bin_boundaries && (is_keras3() || !num_bins))
            fail(Code::unsupported, "has no bins: it was given no bin_boundaries and not adapted");
        if (!bin_boundaries && output_mode != OutputMode::integer)
            fail(Code::unsupported, "output_mode other than int with bins that adapt() found");
        if (bin_boundaries && !std::is_sorted(bin_boundaries->begin(), bin_boundaries->end()))
            fail(Code::config, "bin_boundaries must be sorted");
        return {encoder().shape(in[0])};
    }

    /// Before Keras 3.14 the shape of the input in every mode.
    Shapes announced_output_shape(const Shapes& in, int keras_minor) const override {
        const Shapes made = compute_output_shape(in);
        return is_keras3() && keras_minor < 14 ? Shapes{in[0]} : made;
    }

    /// Numbers are compared in their own type unless the layer computes in a float type, as Keras 3's always does.
    DType input_dtype(std::size_t, DType given) const override {
        if (!is_floating(given)) return given;
        if (is_keras3()) return DType::float32;
        return is_floating(compute_dtype()) ? compute_dtype() : given;
    }

    DTypes compute_output_dtype(const DTypes& in) const override {
        if (in[0] == DType::string) fail(Code::config, "wanted numbers, found strings");
        if (is_keras3() && output_mode == OutputMode::integer) return {DType::int32};
        return {encoded_dtype(output_mode, compute_dtype())};
    }

    std::vector<float> boundaries(const Weights& w) const {
        if (bin_boundaries) return {bin_boundaries->begin(), bin_boundaries->end()};
        return boundaries_of(w["summary"], *num_bins);
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        const std::vector<float> limits = boundaries(w);
        const Tensor numbers = x[0].dtype() == DType::boolean ? x[0].cast(DType::int32) : x[0];
        Tensor bins = Tensor::uninitialized(DType::int64, numbers.shape());
        const auto bin = bins.mutable_values<std::int64_t>();
        with_arithmetic(numbers.dtype(), [&]<class T>(Type<T>) {
            using Compared = std::common_type_t<T, float>;
            const auto values = numbers.values<T>();
            for (std::size_t i = 0; i < bin.size(); ++i)
                bin[i] =
                    std::upper_bound(limits.begin(), limits.end(), static_cast<Compared>(values[i])) - limits.begin();
        });
        encoder().encode(bins, {}, y[0]);
    }
};

LAYERCTL_REGISTER_LAYER(Discretization);

}  // namespace
}  // namespace layerctl
