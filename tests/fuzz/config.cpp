// Architectures: the whole way from JSON to a graph with shapes, without weights.
#include "engine/graph/graph.hpp"
#include "formats/load.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace layerctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::expect_answer([&] {
        Problems problems;
        build_graph(formats::parse_model_json(fuzz::text_of(data, size)), nullptr, problems);
    });
    return 0;
}
