// Zip archives: .keras, .npz and what only looks like one.
#include "formats/contents/contents.hpp"
#include "formats/load.hpp"
#include "formats/npy/npy.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace layerctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::Bytes bytes = fuzz::bytes_of(data, size);
    fuzz::expect_answer([&] { fuzz::read_all(formats::read_contents(bytes)); });
    fuzz::expect_answer([&] { fuzz::read_all(*formats::load_model(bytes)); });
    fuzz::expect_answer([&] { formats::read_npz(bytes); });
    return 0;
}
