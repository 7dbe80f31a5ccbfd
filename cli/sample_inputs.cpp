#include "cli/sample_inputs.hpp"

#include <algorithm>
#include <charconv>
#include <random>

#include "cli/inputs.hpp"
#include "models/suggest.hpp"

namespace layerctl::cli {
namespace {

bool is_named(const std::string& option) { return option.find('=') != std::string::npos; }

/// `--input FILE` by position and `--input NAME=FILE` by name.
InputFiles files_of(const std::vector<std::string>& options) {
    InputFiles files;
    for (const std::string& option : options) (is_named(option) ? files.named : files.in_order).push_back(option);
    return files;
}

Shape parse_sizes(const std::string& text) {
    std::vector<std::int64_t> sizes;
    const char* at = text.data();
    for (const char* const end = at + text.size(); !text.empty(); ++at) {
        const auto [next, error] = std::from_chars(at, end, sizes.emplace_back());
        if (error != std::errc() || sizes.back() <= 0 || (next != end && *next != ',')) break;
        if (next == end) return Shape(std::move(sizes));
        at = next;
    }
    fail(Code::usage, "--shape: wanted positive sizes without the batch axis, as in 224,224,3, found '", text, "'");
}

/// What `--shape NAME=…`, or `--shape …` for an only input, states for each input; nothing for the others.
std::vector<std::optional<Shape>> stated_shapes(const std::vector<std::string>& options,
                                                const std::vector<TensorInfo>& inputs) {
    std::vector<std::string> names;
    for (const TensorInfo& input : inputs) names.push_back(input.name);
    std::vector<std::optional<Shape>> shapes(inputs.size());
    for (const std::string& option : options) {
        if (!is_named(option) && inputs.size() != 1)
            fail(Code::usage, "--shape: wanted NAME=SIZES, as the model has ", inputs.size(), " inputs, found '",
                 option, "'");
        const std::size_t split = option.find('=');
        const std::string name = is_named(option) ? option.substr(0, split) : names[0];
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end())
            fail(Code::usage, "--shape: the model has no input '", name, "'", did_you_mean(name, names));
        std::optional<Shape>& shape = shapes[static_cast<std::size_t>(found - names.begin())];
        if (shape) fail(Code::usage, "--shape: '", name, "' is given twice");
        shape = parse_sizes(is_named(option) ? option.substr(split + 1) : option);
    }
    return shapes;
}

Shape drawn_shape(const TensorInfo& input, const std::optional<Shape>& stated, std::optional<std::int64_t> batch) {
    Shape shape = *input.shape;
    if (stated && (shape.rank() == 0 || !shape.slice(1, shape.rank()).is_compatible_with(*stated)))
        fail(Code::usage, "--shape: input '", input.name, "' has the shape ", shape, ", which ", *stated,
             " behind the batch axis does not fit");
    if (stated) shape = stated->prepended(shape.front());
    if (shape.rank() > 0 && (batch || shape.front() == Shape::unknown)) shape = shape.with_front(batch.value_or(1));
    if (!shape.is_known())
        fail(Code::usage, "input '", input.name, "' has the shape ", *input.shape,
             ": state its sizes behind the batch axis as --shape ", input.name, "=SIZES, or give an array as --input ",
             input.name, "=FILE");
    return shape;
}

/// Floats in [-1, 1); integers and flags 0 or 1, which every vocabulary has.
Tensor drawn(const TensorInfo& input, const Shape& shape, std::mt19937_64& bits) {
    if (input.dtype == DType::string)
        fail(Code::usage, "input '", input.name, "' takes strings, which are not drawn: give an array as --input ",
             input.name, "=FILE");
    Tensor tensor = Tensor::uninitialized(DType::float32, shape);
    const bool fractions = is_floating(input.dtype);
    for (float& value : tensor.mutable_values<float>()) {
        const std::uint64_t drawn = bits() >> 40;  // as many bits as the float's mantissa has
        value = fractions ? static_cast<float>(drawn) * 0x1p-23f - 1 : static_cast<float>(drawn & 1);
    }
    return tensor.cast(input.dtype);
}

}  // namespace

Tensors sample_inputs(const Samples& samples, std::optional<std::int64_t> batch,
                      const std::vector<TensorInfo>& inputs) {
    if (batch && !samples.inputs.empty())
        fail(Code::usage, "--batch: the arrays of --input say how many rows there are");
    if (!samples.inputs.empty()) return read_inputs(files_of(samples.inputs), inputs);
    const std::vector<std::optional<Shape>> stated = stated_shapes(samples.shapes, inputs);
    std::mt19937_64 bits(0);
    Tensors tensors;
    for (std::size_t i = 0; i < inputs.size(); ++i)
        tensors.push_back(drawn(inputs[i], drawn_shape(inputs[i], stated[i], batch), bits));
    return tensors;
}

std::vector<Shape> shapes_of(const Tensors& tensors) {
    std::vector<Shape> shapes;
    for (const Tensor& tensor : tensors) shapes.push_back(tensor.shape());
    return shapes;
}

std::optional<std::int64_t> rows_of(const Tensors& tensors) {
    if (tensors.empty() || tensors[0].shape().rank() == 0) return {};
    return tensors[0].shape().front();
}

}  // namespace layerctl::cli
