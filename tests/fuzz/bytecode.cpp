// A compiled function of Python: the reader of its bytes, the machine, and shapes of what it became. The first byte
// chooses the tensors it is asked for.
#include "engine/bytecode/decode.hpp"
#include "engine/expressions/source.hpp"
#include "engine/layers/custom/given_function.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace layerctl;

namespace {

void ask(const bytecode::Decoded& decoded, unsigned choice) {
    const auto function = custom::make_given_function(bytecode::function_of(decoded), Value(), Dialect::keras2);
    const std::vector<std::int64_t> dims = {choice & 1 ? Shape::unknown : 2, 6, 6, 3};
    const Shape shape(std::vector<std::int64_t>(dims.begin(), dims.begin() + 2 + (choice >> 1 & 2)));
    const std::size_t count = 1 + (choice >> 3 & 1);
    fuzz::expect_answer([&] { function->shapes(Shapes(count, shape)); });
    fuzz::expect_answer([&] { function->spec(Shapes(count, shape), DTypes(count, DType::float32)); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const Value captured = Value::array({2, 0.5, "mean", true});
    const Value arguments = Value::object({{"axis", 1}});
    for (const Value& given : {Value(), arguments}) {
        const bytecode::Decoded decoded =
            bytecode::decode({std::string(fuzz::text_of(data + 1, size - 1)), captured, captured, given});
        if (decoded.refusal) continue;
        expressions::source_of(decoded.argument, decoded.body);
        fuzz::expect_answer([&] { ask(decoded, data[0]); });
    }
    return 0;
}
