// Calls timed again and again, for as long as asked.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "cli/commands.hpp"

namespace layerctl::cli {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration duration);

/// Calls `run` twice at least and until `timing.warmup` seconds are over.
void warm_up(const Timing& timing, const std::function<void()>& run);

/// Calls it until `timing.seconds` are over and it ran five times, but no longer than `timing.max_seconds`; returns the
/// milliseconds of each call. Calls that are over before a clock has been read are timed several together, as their
/// mean.
std::vector<double> measured(const Timing& timing, const std::function<void()>& run);

/// The element at that fraction of the sorted values: 0.5 is the median. There must be one.
double quantile(std::vector<double> values, double fraction);

}  // namespace layerctl::cli
