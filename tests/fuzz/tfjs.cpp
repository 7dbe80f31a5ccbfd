// TensorFlow.js models: the manifest of weights, and the files it names.
#include "formats/load.hpp"
#include "tests/fuzz/folder.hpp"

using namespace layerctl;

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    return fuzz::mutate_member(data, size, most, seed, [](const std::string&, std::string& bytes) {
        fuzz::mutate_bytes(bytes, LLVMFuzzerMutate);
    });
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::Folder folder(fuzz::text_of(data, size), {"model.json", "weights.bin", "group1-shard1of1.bin",
                                                          "group1-shard1of2.bin", "group1-shard2of2.bin"});
    fuzz::expect_answer([&] { fuzz::read_all(*formats::load_model(folder.path() / "model.json")); });
    return 0;
}
