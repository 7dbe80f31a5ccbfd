#include "cli/stopwatch.hpp"

#include <algorithm>

namespace layerctl::cli {
namespace {

constexpr int least_warm_runs = 2;
constexpr std::size_t least_runs = 5;

double seconds_since(Clock::time_point start) { return milliseconds(Clock::now() - start) / 1000; }

}  // namespace

double milliseconds(Clock::duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

void warm_up(const Timing& timing, const std::function<void()>& run) {
    const Clock::time_point start = Clock::now();
    for (int runs = 0; runs < least_warm_runs || seconds_since(start) < timing.warmup; ++runs) {
        if (runs > 0 && seconds_since(start) > timing.warmup + timing.max_seconds) return;
        run();
    }
}

std::vector<double> measured(const Timing& timing, const std::function<void()>& run) {
    std::vector<double> times;
    const Clock::time_point start = Clock::now();
    for (double passed = 0; (passed < timing.seconds || times.size() < least_runs) &&
                            (passed < timing.max_seconds || times.empty());
         passed = seconds_since(start)) {
        const Clock::time_point begin = Clock::now();
        run();
        times.push_back(milliseconds(Clock::now() - begin));
    }
    return times;
}

double quantile(std::vector<double> values, double fraction) {
    const double place = fraction * static_cast<double>(values.size());
    const std::size_t at = std::min(values.size() - 1, static_cast<std::size_t>(place));
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
    return values[at];
}

}  // namespace layerctl::cli
