// numpy arrays: what is read can be written and read again.
#include <cstdlib>

#include "formats/bytes.hpp"
#include "formats/npy/npy.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace layerctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::expect_answer([&] {
        const Tensor tensor = formats::read_npy(fuzz::bytes_of(data, size));
        const std::string written = formats::write_npy(tensor);
        const Tensor again = formats::read_npy(formats::as_bytes(written));
        if (tensor.dtype() != DType::string && !identical(tensor, again)) std::abort();
    });
    return 0;
}
