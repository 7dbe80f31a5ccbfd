// safetensors files, read from disk as always.
#include <fstream>

#include "formats/contents/contents.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace layerctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::filesystem::path path =
        std::filesystem::temp_directory_path() /
        ("layerctl_fuzz_" + std::to_string(reinterpret_cast<std::uintptr_t>(&path)));
    std::ofstream(path, std::ios::binary) << fuzz::text_of(data, size);
    fuzz::expect_answer([&] { fuzz::read_all(formats::read_contents(path)); });
    return 0;
}
