// A progress bar on stderr; silent unless stderr is a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace layerctl::cli {

class ProgressBar {
public:
    ProgressBar(std::string label, std::int64_t total);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    /// Redraws at most ten times a second.
    void update(std::int64_t done);

private:
    std::string label_;
    std::int64_t total_;
    bool visible_;
    std::chrono::steady_clock::time_point drawn_{};
};

}  // namespace layerctl::cli
