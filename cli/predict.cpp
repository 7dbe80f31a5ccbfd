// layerctl predict: runs a model on numpy arrays.
#include <cstring>
#include <iostream>

#include <nlohmann/json.hpp>

#include "cli/alignment.hpp"
#include "cli/commands.hpp"
#include "cli/inputs.hpp"
#include "cli/json.hpp"
#include "cli/outputs.hpp"
#include "cli/preview.hpp"
#include "cli/progress.hpp"

namespace layerctl::cli {
namespace {

std::int64_t rows_of(const Tensor& tensor) { return tensor.shape().rank() == 0 ? -1 : tensor.shape().front(); }

std::int64_t common_rows(const Tensors& inputs) {
    for (const Tensor& input : inputs)
        if (rows_of(input) < 0 || rows_of(input) != rows_of(inputs[0]))
            fail(Code::input, "--batch-size: wanted inputs with equally many rows, found ", inputs[0].shape(), " and ",
                 input.shape());
    return rows_of(inputs[0]);
}

Tensors slice(const Tensors& inputs, std::int64_t first, std::int64_t last) {
    Tensors slices;
    for (const Tensor& input : inputs) slices.push_back(input.rows(first, last));
    return slices;
}

void copy_rows(const Tensor& from, Tensor& to, std::int64_t first_row) {
    if (from.shape().with_front(0) != to.shape().with_front(0) || from.dtype() != to.dtype())
        fail(Code::input, "--batch-size: an output changes its shape from batch to batch: ", to.shape(), " and ",
             from.shape());
    const std::int64_t row = to.shape().elements(1, to.shape().rank());
    const auto at = static_cast<std::ptrdiff_t>(first_row * row);
    if (from.dtype() == DType::string)
        std::copy(from.string_values().begin(), from.string_values().end(), to.mutable_string_values().begin() + at);
    else if (from.byte_size() > 0)
        std::memcpy(to.mutable_data() + at * static_cast<std::ptrdiff_t>(dtype_size(to.dtype())), from.data(),
                    from.byte_size());
}

// The outputs of all batches, one below the other.
class Collected {
public:
    explicit Collected(std::int64_t rows) : rows_(rows) {}

    void add(const Tensors& outputs, std::int64_t first, std::int64_t last) {
        for (const Tensor& output : outputs)
            if (rows_of(output) != last - first)
                fail(Code::input, "--batch-size: an output has no row for every input row, but the shape ",
                     output.shape());
        if (whole_.empty())
            for (const Tensor& output : outputs) whole_.emplace_back(output.dtype(), output.shape().with_front(rows_));
        for (std::size_t i = 0; i < outputs.size(); ++i) copy_rows(outputs[i], whole_[i], first);
    }

    Tensors take() { return std::move(whole_); }

private:
    std::int64_t rows_;
    Tensors whole_;
};

Tensors predict_in_batches(Context& context, const Tensors& inputs, std::int64_t size) {
    const std::int64_t rows = common_rows(inputs);
    if (rows <= size) return context.predict(inputs);
    Collected collected(rows);
    ProgressBar bar("predict", rows);
    for (std::int64_t first = 0; first < rows; first += size) {
        const std::int64_t last = std::min(first + size, rows);
        collected.add(context.predict(slice(inputs, first, last)), first, last);
        bar.update(last);
    }
    return collected.take();
}

void show(const std::vector<NamedTensor>& outputs, bool json) {
    Json list = Json::array();
    for (const NamedTensor& output : outputs)
        if (json) list.push_back(preview_json(output));
        else std::cout << preview(output);
    if (json) std::cout << dump({{"outputs", list}});
}

}  // namespace

int run(const Predict& command) {
    const Model model = load_model(command.model, command.load, !command.json);
    check_output_files(command.outputs, model.outputs().size(), command.json);
    const Tensors inputs = read_inputs(command.inputs, model.inputs());
    const bool batched = command.batch_size > 0 && !inputs.empty();
    Context context = model.context(command.options);
    Tensors results = batched ? predict_in_batches(context, inputs, command.batch_size) : context.predict(inputs);
    const std::vector<NamedTensor> outputs = named_outputs(model, std::move(results));
    write_outputs(command.outputs, outputs);
    if (command.json || command.outputs.empty()) show(outputs, command.json);
    return 0;
}

}  // namespace layerctl::cli
