#include "engine/ops/blas.hpp"

#include <dlfcn.h>

#include "models/error.hpp"

namespace layerctl::ops {
namespace {

template <class Function>
void find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    if (function == nullptr) fail(Code::internal, "OpenBLAS has no ", name);
}

Blas load() {
    constexpr const char* name = "libopenblas.so.0";  // since its first release
    void* const library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) fail(Code::internal, "OpenBLAS cannot be loaded: ", dlerror());
    Blas blas{};
    find(library, "cblas_sgemm", blas.sgemm);
    find(library, "cblas_dgemm", blas.dgemm);
    find(library, "openblas_set_num_threads", blas.set_threads);
    return blas;
}

}  // namespace

const Blas& blas() {
    static const Blas loaded = load();
    return loaded;
}

}  // namespace layerctl::ops
