// Random numbers that are the same for a seed on every platform.
#pragma once

#include <cstdint>
#include <random>

namespace layerctl::ops {

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    /// In [0, 1), with 53 random bits.
    double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

    /// Of mean 0 and deviation 1.
    double normal();

    /// The same, drawn again while it is outside [−2, 2].
    double truncated_normal();

private:
    std::mt19937_64 engine_;
};

}  // namespace layerctl::ops
