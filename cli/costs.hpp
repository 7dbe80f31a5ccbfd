// Products of a model, as `bench` and `profile` show them.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "api/layerctl.hpp"

namespace layerctl::cli {

struct Products {
    std::optional<std::int64_t> macs;    // of all layers that are counted; nothing if none is
    std::vector<std::string> uncounted;  // classes of the others, sorted
};

Products products_of(const std::vector<LayerCost>& costs);

/// Two operations per multiply-accumulate; nothing if they are not counted.
std::optional<double> gflops(std::optional<std::int64_t> macs, double milliseconds);

/// A line that names the classes whose products are in no sum, if there are any.
void print_uncounted(std::ostream& out, const std::vector<std::string>& classes);

/// With so many digits behind the point.
std::string fixed(double number, int digits);

}  // namespace layerctl::cli
