#include "engine/bytecode/refusal.hpp"

namespace layerctl::bytecode {

std::string_view name_of(Category category) {
    switch (category) {
        case Category::format: return "format";
        case Category::random: return "random";
        case Category::unknown_function: return "unknown function";
        case Category::unknown_global: return "unknown global";
        case Category::imports: return "import";
        case Category::nested_function: return "nested function";
        case Category::loop: return "loop";
        case Category::exception_handling: return "exception handling";
        case Category::generator: return "generator";
        case Category::attribute: return "attribute";
        case Category::tensor_condition: return "tensor condition";
        case Category::store: return "store";
        case Category::with: return "with";
        case Category::too_large: return "constant too large";
        case Category::instruction: return "instruction";
    }
    fail(Code::internal, "a category without a name");
}

}  // namespace layerctl::bytecode
