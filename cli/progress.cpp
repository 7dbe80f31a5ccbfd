#include "cli/progress.hpp"

#include <unistd.h>

#include <iostream>
#include <utility>

namespace layerctl::cli {
namespace {

constexpr std::int64_t width = 30;
constexpr auto pause = std::chrono::milliseconds(100);
constexpr const char* erase_line = "\r\033[K";

}  // namespace

ProgressBar::ProgressBar(std::string label, std::int64_t total)
    : label_(std::move(label)), total_(total), visible_(total > 0 && isatty(STDERR_FILENO) != 0) {}

ProgressBar::~ProgressBar() {
    if (visible_) std::cerr << erase_line << std::flush;
}

void ProgressBar::update(std::int64_t done) {
    const auto now = std::chrono::steady_clock::now();
    if (!visible_ || now - drawn_ < pause) return;
    drawn_ = now;
    const auto filled = static_cast<std::size_t>(width * done / total_);
    std::cerr << erase_line << label_ << " [" << std::string(filled, '#') << std::string(width - filled, '.') << "] "
              << done << '/' << total_ << std::flush;
}

}  // namespace layerctl::cli
