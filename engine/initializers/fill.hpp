// The table of Keras' initializers: what each reads from its config and how it fills a weight.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/number_array.hpp"
#include "engine/ops/random.hpp"
#include "models/config_io.hpp"
#include "models/shape.hpp"

namespace layerctl::initializers {

/// The parameters of all initializers together; each reads its own.
struct Parameters {
    NumberArray value = NumberArray::scalar(0);
    double gain = 1;
    double mean = 0, stddev = 0.05;
    double minval = -0.05, maxval = 0.05;
    double scale = 1;
    std::string mode = "fan_in";
    std::string distribution = "truncated_normal";
    std::optional<std::vector<std::int64_t>> input_axes, output_axes;
    std::string side = "real";
    Value window = "hann";
    std::optional<std::string> scaling = "density";
    bool periodic = false;
};

/// One class: `fields` names its config, `fill` writes every element.
struct Fill {
    void (*fields)(ConfigIo&, Parameters&);
    void (*fill)(const Parameters&, const Shape&, ops::Random&, std::span<double>);
};

/// nullptr if there is no such class.
const Fill* find(std::string_view class_name);

std::vector<std::string> class_names();

/// Fills with gain times a random matrix whose rows or columns, whichever are fewer, are orthonormal.
void fill_orthogonal(const Parameters& parameters, const Shape& shape, ops::Random& random, std::span<double> values);

/// Fills (frame, 1, frequencies) with one side of the windowed waves of a short-time Fourier transform.
void fill_stft(const Parameters& parameters, const Shape& shape, ops::Random& random, std::span<double> values);

}  // namespace layerctl::initializers
