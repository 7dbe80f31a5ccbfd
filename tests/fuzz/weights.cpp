// Weights without their model: legacy h5, .weights.h5, and the index of shards beside them.
#include "formats/load.hpp"
#include "tests/fuzz/folder.hpp"
#include "tests/fuzz/h5_fields.hpp"

using namespace layerctl;

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    return fuzz::mutate_member(data, size, most, seed, [&](const std::string& name, std::string& bytes) {
        if (!name.ends_with(".h5")) return fuzz::mutate_bytes(bytes, LLVMFuzzerMutate);
        fuzz::mutate_bytes(bytes, [&](auto* own, std::size_t own_size, std::size_t room) {
            return fuzz::mutate_h5(own, own_size, room, seed);
        });
    });
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::Folder folder(fuzz::text_of(data, size), {"model.weights.json", "model.weights.h5",
                                                          "model_00000.weights.h5", "model_00001.weights.h5"});
    for (const char* file : {"model.weights.json", "model.weights.h5"})
        if (exists(folder.path() / file))
            fuzz::expect_answer([&] {
                ModelSpec model;
                formats::load_weights(folder.path() / file, model);
                fuzz::read_all(model);
            });
    return 0;
}
