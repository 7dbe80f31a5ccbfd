// OpenBLAS, which takes milliseconds to load: only when the first product is asked of it. What kernels compute needs
// none of it.
#pragma once

#include <cblas.h>

namespace layerctl::ops {

struct Blas {
    decltype(&cblas_sgemm) sgemm;
    decltype(&cblas_dgemm) dgemm;
    decltype(&openblas_set_num_threads) set_threads;
};

/// Code::internal if it cannot be loaded.
const Blas& blas();

}  // namespace layerctl::ops
