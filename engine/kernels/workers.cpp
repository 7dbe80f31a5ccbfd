#include "engine/kernels/workers.hpp"

#include <system_error>

namespace layerctl {
namespace {

/// About as long as the longest stretch between two kernels that are worth sharing.
constexpr int open_eyes = 4000;

/// Looks until `done` says so or patience ends.
template <class Done>
bool look_for(const Done& done) {
    for (int i = 0; i < open_eyes; ++i) {
        if (done()) return true;
        if (i % 64 == 63) std::this_thread::yield();
    }
    return false;
}

}  // namespace

/// As many as the system gives.
void Workers::start() {
    threads_.reserve(count_ - 1);
    try {
        while (threads_.size() + 1 < count_) threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {  // the others, or the caller alone, take all parts
    }
}

Workers::~Workers() {
    stop_ = true;
    ticket_ = Ticket::of(++job_, 0).value;
    ticket_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void Workers::share_out(std::size_t parts, Call call) {
    if (parts <= 1 || count_ == 1 || busy_.exchange(true, std::memory_order_acquire)) {
        for (std::size_t i = 0; i < parts; ++i) call.function(call.task, i);
        return;
    }
    if (threads_.empty()) start();
    call_ = call;
    left_.store(parts, std::memory_order_relaxed);
    ticket_.store(Ticket::of(++job_, parts).value, std::memory_order_release);
    ticket_.notify_all();
    while (take_part()) {
    }
    const auto is_done = [this] { return left_.load(std::memory_order_acquire) == 0; };
    if (!look_for(is_done))
        for (std::size_t left = left_.load(std::memory_order_acquire); left != 0;
             left = left_.load(std::memory_order_acquire))
            left_.wait(left, std::memory_order_acquire);
    busy_.store(false, std::memory_order_release);
}

/// Computes one part of the job at hand; false if all are taken.
bool Workers::take_part() {
    if (!Ticket{ticket_.load(std::memory_order_relaxed)}.is_open()) return false;
    const Ticket mine{ticket_.fetch_add(1, std::memory_order_acq_rel)};
    if (!mine.is_open()) return false;
    call_.function(call_.task, mine.next());
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) left_.notify_one();
    return true;
}

void Workers::work() {
    while (!stop_.load(std::memory_order_relaxed)) {
        if (take_part()) continue;
        const std::uint64_t seen = ticket_.load(std::memory_order_acquire);
        if (Ticket{seen}.is_open() || stop_.load(std::memory_order_relaxed)) continue;
        const auto is_new = [&] { return ticket_.load(std::memory_order_relaxed) != seen; };
        if (!look_for(is_new)) ticket_.wait(seen, std::memory_order_acquire);
    }
}

}  // namespace layerctl
