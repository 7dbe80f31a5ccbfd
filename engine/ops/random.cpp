#include "engine/ops/random.hpp"

#include <cmath>

namespace layerctl::ops {

double Random::normal() {  // Marsaglia's polar method; the second number of a pair is not kept
    for (;;) {
        const double u = 2 * uniform() - 1, v = 2 * uniform() - 1, s = u * u + v * v;
        if (s > 0 && s < 1) return u * std::sqrt(-2 * std::log(s) / s);
    }
}

double Random::truncated_normal() {
    for (;;)
        if (const double z = normal(); std::abs(z) <= 2) return z;
}

}  // namespace layerctl::ops
