#include "engine/ops/threads.hpp"

#include <cblas.h>

#include "models/error.hpp"

namespace layerctl::ops {

int threads() { return openblas_get_num_threads(); }

void set_threads(int count) {
    openblas_set_num_threads(count);
    if (threads() != count) fail(Code::usage, "wanted ", count, " threads, OpenBLAS runs at most ", threads());
}

}  // namespace layerctl::ops
