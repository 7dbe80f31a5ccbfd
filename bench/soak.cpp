// Predicts again and again and looks whether the process grows.
//     soak MODEL INPUT.npy CALLS        exit status 1 if it took more memory than after the first tenth of the calls
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>

#include "api/arrays.hpp"
#include "api/layerctl.hpp"

namespace {

constexpr std::int64_t allowed_growth = 256 << 10;  // bytes: the allocator's own habits

std::int64_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::int64_t pages = 0, resident = 0;
    statm >> pages >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

int soak(const char* path, const char* input, std::int64_t calls) {
    const layerctl::Model model = layerctl::Model::load(path);
    const layerctl::Tensors x = {layerctl::load_arrays(input).front().tensor};
    std::int64_t settled = 0;
    for (std::int64_t i = 0; i < calls; ++i) {
        if (i == calls / 10) settled = resident_bytes();
        model.predict(x);
    }
    const std::int64_t grown = resident_bytes() - settled;
    std::printf("%s: %lld calls, %lld KiB at a tenth of them, %+lld KiB since\n", path, static_cast<long long>(calls),
                static_cast<long long>(settled >> 10), static_cast<long long>(grown >> 10));
    return grown > allowed_growth ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return std::fprintf(stderr, "usage: soak MODEL INPUT.npy CALLS\n"), 2;
    try {
        return soak(argv[1], argv[2], std::atoll(argv[3]));
    } catch (const std::exception& error) {
        return std::fprintf(stderr, "soak: %s\n", error.what()), 3;
    }
}
