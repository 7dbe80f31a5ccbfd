#include "cli/stopwatch.hpp"

#include <algorithm>

namespace layerctl::cli {
namespace {

constexpr int least_warm_runs = 2;
constexpr std::size_t least_runs = 5;

/// Milliseconds beside which reading the clock twice, 0.05 microseconds, is nothing.
constexpr double long_enough = 0.005;

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
    std::size_t together = 1;
    const Clock::time_point start = Clock::now();
    for (double passed = 0; (passed < timing.seconds || times.size() < least_runs) &&
                            (passed < timing.max_seconds || times.empty());
         passed = seconds_since(start)) {
        const Clock::time_point begin = Clock::now();
        for (std::size_t i = 0; i < together; ++i) run();
        times.push_back(milliseconds(Clock::now() - begin) / static_cast<double>(together));
        if (times.size() == 1 && times[0] < long_enough)
            together = static_cast<std::size_t>(long_enough / std::max(times[0], long_enough / 100));
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
