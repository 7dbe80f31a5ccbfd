// Custom objects: a whole file of them, or one expression.
#include "engine/custom_objects.hpp"
#include "formats/json/text.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace layerctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    fuzz::expect_answer([&] { parse_custom_objects(formats::parse_json(std::string(text)), "file"); });
    fuzz::expect_answer([&] {
        const Config file{{"functions", Value::object({{"f", std::string(text)}})}};
        parse_custom_objects(file, "file");
    });
    return 0;
}
