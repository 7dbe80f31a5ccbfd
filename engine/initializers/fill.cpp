#include "engine/initializers/fill.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "engine/ops/transpose.hpp"
#include "models/error.hpp"

namespace layerctl::initializers {
namespace {

using Values = std::span<double>;

/// The deviation of a normal distribution cut off at two deviations.
constexpr double truncated_deviation = 0.87962566103423978;

void no_fields(ConfigIo& io, Parameters&) { io.ignored("dtype"); }

void fan_fields(ConfigIo& io, Parameters& p) {
    no_fields(io, p);
    io.optional("input_axes", p.input_axes);
    io.optional("output_axes", p.output_axes);
}

void constant_fields(ConfigIo& io, Parameters& p) {
    no_fields(io, p);
    io.optional("value", p.value);
}

void gain_fields(ConfigIo& io, Parameters& p) {
    no_fields(io, p);
    io.optional("gain", p.gain);
}

void normal_fields(ConfigIo& io, Parameters& p) {
    no_fields(io, p);
    io.optional("mean", p.mean);
    io.optional("stddev", p.stddev);
}

void uniform_fields(ConfigIo& io, Parameters& p) {
    no_fields(io, p);
    io.optional("minval", p.minval);
    io.optional("maxval", p.maxval);
}

void scaling_fields(ConfigIo& io, Parameters& p) {
    fan_fields(io, p);
    io.optional("scale", p.scale, positive);
    io.optional("mode", p.mode);
    io.optional("distribution", p.distribution);
}

void stft_fields(ConfigIo& io, Parameters& p) {
    no_fields(io, p);
    io.optional("side", p.side);
    io.optional("window", p.window);
    io.optional("scaling", p.scaling);
    io.optional("periodic", p.periodic);
}

/// An array stands for itself, Keras 2 takes its numbers in order and Keras 3 broadcasts it.
void fill_constant(const Parameters& p, const Shape& shape, ops::Random&, Values values) {
    const Tensor array = p.value.tensor(DType::float64);
    const bool in_order = array.elements() == values.size();
    const Tensor filled = in_order ? array.reshaped(shape) : ops::broadcast_to(array, shape);
    std::copy_n(filled.values<double>().data(), values.size(), values.data());
}

void fill_zeros(const Parameters&, const Shape&, ops::Random&, Values values) {
    std::fill(values.begin(), values.end(), 0.0);
}

void fill_ones(const Parameters&, const Shape&, ops::Random&, Values values) {
    std::fill(values.begin(), values.end(), 1.0);
}

void fill_identity(const Parameters& p, const Shape& shape, ops::Random&, Values values) {
    if (shape.rank() != 2) fail(Code::config, "wanted a weight of rank 2, found shape ", shape);
    std::fill(values.begin(), values.end(), 0.0);
    const auto step = static_cast<std::size_t>(shape[1]) + 1;
    for (std::int64_t i = 0; i < std::min(shape[0], shape[1]); ++i) values[static_cast<std::size_t>(i) * step] = p.gain;
}

void fill_normal(const Parameters& p, const Shape&, ops::Random& random, Values values) {
    for (double& value : values) value = p.mean + p.stddev * random.normal();
}

void fill_truncated_normal(const Parameters& p, const Shape&, ops::Random& random, Values values) {
    for (double& value : values) value = p.mean + p.stddev * random.truncated_normal();
}

void fill_uniform(const Parameters& p, const Shape&, ops::Random& random, Values values) {
    for (double& value : values) value = p.minval + (p.maxval - p.minval) * random.uniform();
}

/// Inputs and outputs of one unit.
struct Fans {
    double in = 1;
    double out = 1;
};

double product(const Shape& shape, const std::vector<std::int64_t>& axes) {
    double size = 1;
    for (const std::int64_t axis : axes) size *= static_cast<double>(shape[resolve_axis(axis, shape.rank())]);
    return size;
}

/// Unless the axes are named, those before the last two are a receptive field.
Fans fans(const Parameters& p, const Shape& shape) {
    const std::size_t rank = shape.rank();
    if (p.input_axes && p.output_axes) return {product(shape, *p.input_axes), product(shape, *p.output_axes)};
    if (rank == 0) return {};
    if (rank == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
    const double field = static_cast<double>(shape.elements(0, rank - 2));
    return {static_cast<double>(shape[rank - 2]) * field, static_cast<double>(shape[rank - 1]) * field};
}

double fan_of_mode(const std::string& mode, const Fans& f) {
    if (mode == "fan_in") return f.in;
    if (mode == "fan_out") return f.out;
    if (mode == "fan_avg") return (f.in + f.out) / 2;
    fail(Code::config, "config key 'mode': wanted one of 'fan_in', 'fan_out', 'fan_avg', found '", mode, "'");
}

void fill_scaled(const Parameters& p, const Shape& shape, ops::Random& random, Values values) {
    const double variance = p.scale / std::max(1.0, fan_of_mode(p.mode, fans(p, shape)));
    Parameters drawn = p;
    drawn.stddev = std::sqrt(variance);
    drawn.maxval = std::sqrt(3 * variance);
    drawn.minval = -drawn.maxval;
    if (p.distribution == "uniform") return fill_uniform(drawn, shape, random, values);
    if (p.distribution == "untruncated_normal") return fill_normal(drawn, shape, random, values);
    if (p.distribution != "truncated_normal" && p.distribution != "normal")
        fail(Code::config, "config key 'distribution': wanted one of 'truncated_normal', 'untruncated_normal', ",
             "'uniform', found '", p.distribution, "'");
    drawn.stddev /= truncated_deviation;
    fill_truncated_normal(drawn, shape, random, values);
}

// VarianceScaling with fixed parameters.
enum class Fan { in, avg };

template <int scale, Fan fan, bool uniform>
void fill_preset(const Parameters& p, const Shape& shape, ops::Random& random, Values values) {
    Parameters preset = p;
    preset.scale = scale;
    preset.mode = fan == Fan::in ? "fan_in" : "fan_avg";
    preset.distribution = uniform ? "uniform" : "truncated_normal";
    fill_scaled(preset, shape, random, values);
}

struct Row {
    std::string_view class_name;
    Fill fill;
};

constexpr Row rows[] = {
    {"Zeros", {no_fields, fill_zeros}},
    {"Ones", {no_fields, fill_ones}},
    {"Constant", {constant_fields, fill_constant}},
    {"Identity", {gain_fields, fill_identity}},
    {"Orthogonal", {gain_fields, fill_orthogonal}},
    {"RandomNormal", {normal_fields, fill_normal}},
    {"TruncatedNormal", {normal_fields, fill_truncated_normal}},
    {"RandomUniform", {uniform_fields, fill_uniform}},
    {"VarianceScaling", {scaling_fields, fill_scaled}},
    {"STFT", {stft_fields, fill_stft}},
    {"GlorotNormal", {fan_fields, fill_preset<1, Fan::avg, false>}},
    {"GlorotUniform", {fan_fields, fill_preset<1, Fan::avg, true>}},
    {"HeNormal", {fan_fields, fill_preset<2, Fan::in, false>}},
    {"HeUniform", {fan_fields, fill_preset<2, Fan::in, true>}},
    {"LecunNormal", {fan_fields, fill_preset<1, Fan::in, false>}},
    {"LecunUniform", {fan_fields, fill_preset<1, Fan::in, true>}},
};

}  // namespace

const Fill* find(std::string_view class_name) {
    const Row* row =
        std::find_if(std::begin(rows), std::end(rows), [&](const Row& r) { return r.class_name == class_name; });
    return row == std::end(rows) ? nullptr : &row->fill;
}

std::vector<std::string> class_names() {
    std::vector<std::string> names;
    for (const Row& row : rows) names.emplace_back(row.class_name);
    return names;
}

}  // namespace layerctl::initializers
