// Threads that share the work of a kernel.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace layerctl {

/// They wait between two kernels with open eyes for some microseconds, then asleep. Runs of several threads on one
/// model share them: whoever finds them at work works alone.
class Workers {
public:
    /// The calling thread is one of `count`. The others start when there is something to share.
    explicit Workers(std::size_t count) : count_(count) {}
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    std::size_t count() const { return count_; }

    /// task(i) for every i below `parts` (at most 65,000), each on some thread; returns when all are done. Allocates
    /// nothing but when the threads start. Tasks do not throw.
    template <class Task>
    void share(std::size_t parts, const Task& task) {
        share_out(parts, {[](const void* it, std::size_t i) { (*static_cast<const Task*>(it))(i); }, &task});
    }

private:
    struct Call {
        void (*function)(const void*, std::size_t) = nullptr;
        const void* task = nullptr;
    };

    /// Which job, how many parts it has and how many are taken, in one number: what was taken is known to be of the job
    /// that is in `call_`, which is not over before that part is done.
    struct Ticket {
        std::uint64_t value = 0;

        static Ticket of(std::uint64_t job, std::size_t parts) { return {job << 32 | parts << 16}; }
        std::size_t parts() const { return value >> 16 & 0xffff; }
        std::size_t next() const { return value & 0xffff; }
        bool is_open() const { return next() < parts(); }
    };

    void start();
    void share_out(std::size_t parts, Call call);
    bool take_part();
    void work();

    const std::size_t count_;
    std::atomic<std::uint64_t> ticket_{0};
    std::atomic<std::size_t> left_{0};  // parts that are not done
    std::atomic<bool> busy_{false};
    std::atomic<bool> stop_{false};
    std::uint64_t job_ = 0;
    Call call_;
    std::vector<std::thread> threads_;
};

}  // namespace layerctl
