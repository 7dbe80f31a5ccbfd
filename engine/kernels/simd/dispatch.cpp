#include "engine/kernels/simd/targets.hpp"

#include "engine/kernels/simd/dispatch.hpp"

namespace layerctl::simd {
namespace {

/// What HWY_TARGET_STR of these sets names, as far as a CPU with the others may lack it.
InstructionSet best() {
#if HWY_ARCH_X86
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                      __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    if ((HWY_TARGETS & HWY_AVX3) != 0 && avx2 && avx512) return InstructionSet::avx512;
    if ((HWY_TARGETS & HWY_AVX2) != 0 && avx2) return InstructionSet::avx2;
#endif
    return InstructionSet::baseline;
}

}  // namespace

InstructionSet instruction_set() {
    static const InstructionSet set = best();
    return set;
}

}  // namespace layerctl::simd
