// JSON text as a file: parsed, taken for a model, written back.
#include "formats/contents/contents.hpp"
#include "formats/json/text.hpp"
#include "formats/load.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace layerctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    fuzz::expect_answer([&] { formats::parse_json(to_json(formats::parse_json(std::string(text)).value())); });
    fuzz::expect_answer([&] { formats::parse_model_json(text); });
    return 0;
}
