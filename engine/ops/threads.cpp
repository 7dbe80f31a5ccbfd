#include "engine/ops/threads.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <set>
#include <string>

#include "models/error.hpp"

namespace layerctl::ops {
namespace {

constexpr int most = 1024;

/// The cores this process may run on: CPUs that share one count once.
int physical_cores() {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
    std::set<std::string> cores;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (!CPU_ISSET(cpu, &allowed)) continue;
        std::string siblings = std::to_string(cpu);  // where the system does not tell
        std::ifstream file("/sys/devices/system/cpu/cpu" + siblings + "/topology/thread_siblings_list");
        std::getline(file, siblings);
        cores.insert(siblings);
    }
    return std::clamp(static_cast<int>(cores.size()), 1, most);
}

std::atomic<int>& count() {
    static std::atomic<int> count = physical_cores();
    return count;
}

}  // namespace

int threads() { return count(); }

void set_threads(int wanted) {
    if (wanted < 1 || wanted > most) fail(Code::usage, "wanted ", wanted, " threads, found a limit of ", most);
    count() = wanted;
}

}  // namespace layerctl::ops
