// The choice between the instruction sets that vector kernels are compiled for. Highway's own would be in a shared
// library that measures the clock for milliseconds when it is loaded.
#pragma once

#include <hwy/highway.h>

namespace layerctl::simd {

enum class InstructionSet { baseline, avx2, avx512 };

/// The best that this CPU has, and that there is code for.
InstructionSet instruction_set();

}  // namespace layerctl::simd

/// The function of that name in the namespace of the chosen set; behind HWY_ONCE.
#if HWY_ARCH_X86
#define LAYERCTL_DISPATCH(name)                                            \
    (*(instruction_set() == InstructionSet::avx512 ? HWY_CHOOSE_AVX3(name) \
       : instruction_set() == InstructionSet::avx2 ? HWY_CHOOSE_AVX2(name) \
                                                   : &HWY_STATIC_DISPATCH(name)))
#else
#define LAYERCTL_DISPATCH(name) HWY_STATIC_DISPATCH(name)
#endif
