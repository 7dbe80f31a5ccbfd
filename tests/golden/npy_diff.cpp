// npy_diff FOUND WANTED: the largest absolute difference of two .npy files; exit 1 if their shapes differ or it exceeds
// 1e-4.
#include <algorithm>
#include <cmath>
#include <iostream>

#include "formats/npy/npy.hpp"
#include "models/error.hpp"

namespace {

using layerctl::Tensor;

double largest_difference(const Tensor& a, const Tensor& b) {
    const Tensor x = a.cast(layerctl::DType::float64), y = b.cast(layerctl::DType::float64);
    double largest = 0;
    for (std::size_t i = 0; i < x.elements(); ++i) {
        const double difference = std::abs(x.values<double>()[i] - y.values<double>()[i]);
        if (std::isnan(difference)) return difference;
        largest = std::max(largest, difference);
    }
    return largest;
}

int compare(const std::string& found_file, const std::string& wanted_file) {
    const Tensor found = layerctl::formats::read_npy(found_file), wanted = layerctl::formats::read_npy(wanted_file);
    if (found.shape() != wanted.shape()) {
        std::cout << "wanted shape " << wanted.shape() << ", found " << found.shape() << '\n';
        return 1;
    }
    const double largest = largest_difference(found, wanted);
    std::cout << "largest difference of " << wanted.elements() << " numbers: " << largest << '\n';
    return largest <= 1e-4 ? 0 : 1;  // also false for NaN
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return argc == 3 ? compare(argv[1], argv[2]) : 2;
    } catch (const layerctl::Error& error) {
        std::cerr << error.what() << '\n';
        return 2;
    }
}
