// HDF5 files that hold a model.
#include "formats/contents/contents.hpp"
#include "formats/load.hpp"
#include "tests/fuzz/h5_fields.hpp"

using namespace layerctl;

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    return fuzz::mutate_h5(data, size, most, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::Bytes bytes = fuzz::bytes_of(data, size);
    fuzz::expect_answer([&] { fuzz::read_all(formats::read_contents(bytes)); });
    fuzz::expect_answer([&] { fuzz::read_all(*formats::load_model(bytes)); });
    return 0;
}
