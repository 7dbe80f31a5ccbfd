// Which instruction sets the vector kernels are compiled for, besides the baseline: AVX2 and AVX-512. Included first by
// every file that is compiled once per set.
#pragma once

#define HWY_DISABLED_TARGETS \
    (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
