// The steps of the recurrent cells.
#include "api/onnx/recurrent/recurrence.hpp"
#include "api/onnx/spatial.hpp"
#include "api/onnx/steps.hpp"
#include "engine/configured_layer.hpp"
#include "models/object_names.hpp"

namespace layerctl::onnx {
namespace {

struct CellParts {
    Builder& b;
    Settings settings;
    Weights w;
    DType dtype;

    Name weight(const char* name) const { return b.constant(name, w[name]); }
    Name activated(const char* key, const Name& x) const {
        return activate(b, settings.get<Activation>(key), x, dtype, 2);
    }
    Name product(const Name& x, const Name& matrix) const { return b.add("MatMul", {x, matrix}); }
    Name sum(const Name& x, const Name& y) const { return b.add("Add", {x, y}); }
    Name times(const Name& x, const Name& y) const { return b.add("Mul", {x, y}); }
    bool use_bias() const { return settings.flag("use_bias"); }
    std::int64_t units() const { return settings.get<std::int64_t>("units"); }
};

/// c = σ(f)·c + σ(i)·activation(g); h = σ(o)·activation(c), for the blocks i, f, g, o of z along an axis.
Name lstm_gates(const CellParts& c, const Name& z, std::int64_t axis, std::int64_t units, Names& states) {
    const Names blocks = split(c.b, z, axis, Ints(4, units));
    const auto gate = [&](std::size_t i) { return c.activated("recurrent_activation", blocks[i]); };
    states[1] = c.sum(c.times(gate(1), states[1]), c.times(gate(0), c.activated("activation", blocks[2])));
    states[0] = c.times(gate(3), c.activated("activation", states[1]));
    return states[0];
}

/// x · kernel + h · recurrent_kernel + bias
Name dense_blocks(const CellParts& c, const Name& x, const Name& h) {
    const Name z = c.sum(c.product(x, c.weight("kernel")), c.product(h, c.weight("recurrent_kernel")));
    return c.use_bias() ? c.sum(z, c.weight("bias")) : z;
}

StepCell simple_rnn(const CellParts& c, const Shape&) {
    return {{{c.units()}}, {c.units()}, [c](const Name& x, Names& states) {
                states[0] = c.activated("activation", dense_blocks(c, x, states[0]));
                return states[0];
            }};
}

StepCell lstm(const CellParts& c, const Shape&) {
    return {Shapes(2, {c.units()}), {c.units()}, [c](const Name& x, Names& states) {
                return lstm_gates(c, dense_blocks(c, x, states[0]), 1, c.units(), states);
            }};
}

/// One row of the bias; of a bias of one row, that one.
Name gru_bias(const CellParts& c, std::int64_t row) {
    const Tensor& bias = c.w["bias"];
    if (bias.shape().rank() == 1) return c.b.constant("bias", bias);
    return c.b.constant(row == 0 ? "bias" : "recurrent_bias", bias.rows(row, row + 1).reshaped({3 * c.units()}));
}

/// h = z·h + (1 − z)·activation(x_n + memory), with the memory reset before or after its product.
Name gru_step(const CellParts& c, bool reset_after, const Name& x, Names& states) {
    const std::int64_t n = c.units();
    Name projected = c.product(x, c.weight("kernel"));
    if (c.use_bias()) projected = c.sum(projected, gru_bias(c, 0));
    const Names in = split(c.b, projected, 1, Ints(3, n));
    const Name kernel = c.weight("recurrent_kernel");
    const Names kernels = split(c.b, kernel, 1, Ints(3, n));
    Names memory;
    for (std::size_t i = 0; i < 3; ++i)
        memory.push_back(i == 2 && !reset_after ? Name() : c.product(states[0], kernels[i]));
    if (reset_after && c.use_bias()) {
        const Names biases = split(c.b, gru_bias(c, 1), 0, Ints(3, n));
        for (std::size_t i = 0; i < 3; ++i) memory[i] = c.sum(memory[i], biases[i]);
    }
    const Name update = c.activated("recurrent_activation", c.sum(in[0], memory[0]));
    const Name reset = c.activated("recurrent_activation", c.sum(in[1], memory[1]));
    const Name kept = reset_after ? c.times(reset, memory[2]) : c.product(c.times(reset, states[0]), kernels[2]);
    const Name fresh = c.activated("activation", c.sum(in[2], kept));
    states[0] = c.sum(c.times(update, c.b.add("Sub", {states[0], fresh})), fresh);
    return states[0];
}

StepCell gru(const CellParts& c, const Shape&) {
    return {{{c.units()}}, {c.units()}, [c](const Name& x, Names& states) {
                return gru_step(c, resets_after(c.settings), x, states);
            }};
}

/// The window of the product with the state: same sizes, padding `same`, no strides.
ops::Window recurrent_window(const ops::Window& window) {
    ops::Window recurrent(window.rank());
    recurrent.size = window.size;
    recurrent.padding = Padding::same;
    return recurrent;
}

Name convolved(const CellParts& c, const Name& x, const char* kernel, const Name& bias, const ops::Window& window,
               const Shape& spatial) {
    const Placed placed = place_window(c.b, x, window, spatial, true);
    const Tensor turned = ops::transpose(c.w[kernel], kernel_to_channels_first(window.rank()));
    return c.b.add("Conv", {placed.x, c.b.constant(kernel, turned), bias}, placed.attributes);
}

bool is_along_channels(const Activation& activation) {
    using Id = Activation::Id;
    return activation.id == Id::softmax || activation.id == Id::log_softmax || activation.id == Id::sparsemax;
}

StepCell conv_lstm(const CellParts& c, const Shape& step) {
    for (const char* key : {"activation", "recurrent_activation"})
        if (is_along_channels(c.settings.get<Activation>(key)))
            fail(Code::unsupported, "softmax inside a convolutional cell is not written as ONNX");
    const std::size_t rank = step.rank() - 2;
    const ops::Window window = window_of(c.settings, rank, "kernel_size");
    const ops::SpatialShape in = ops::SpatialShape::split(step, rank, window.data_format);
    ops::SpatialShape out = in;
    out.spatial = window.output(in.spatial);
    out.channels = c.settings.get<std::int64_t>("filters");
    const Shape joined = out.joined(window.data_format);
    const Shape state = joined.slice(1, joined.rank());
    return {Shapes(2, state), state, [=](const Name& x, Names& states) {
                const DataFormat format = window.data_format;
                for (Name& one : states) one = to_channels_first(c.b, one, rank, format);
                const Name of_input = convolved(c, to_channels_first(c.b, x, rank, format), "kernel",
                                                c.use_bias() ? c.weight("bias") : "", window, in.spatial);
                const Name of_state =
                    convolved(c, states[0], "recurrent_kernel", "", recurrent_window(window), out.spatial);
                lstm_gates(c, c.sum(of_input, of_state), 1, out.channels, states);
                for (Name& one : states) one = from_channels_first(c.b, one, rank, format);
                return states[0];
            }};
}

/// Each cell is fed with the output of the one before.
StepCell stacked(const CellParts& c, const Shape& step) {
    std::vector<StepCell> cells;
    ObjectNames names;
    StepCell all;
    Shape in = step;
    const Value list = c.settings.get<Value>("cells");
    for (const Value& wrapped : *list.array()) {
        const std::string class_name = *wrapped.find("class_name")->string();
        const LayerContext context{"", c.settings.scope().dialect, c.dtype, c.dtype, nullptr};
        const auto layer = configured_layer(class_name, "", Config(*wrapped.find("config")), context);
        cells.push_back(
            step_cell(c.b, class_name, settings_of(*layer), c.w.below("cells/" + names.next(class_name)), in, c.dtype));
        all.states.insert(all.states.end(), cells.back().states.begin(), cells.back().states.end());
        in = cells.back().output.prepended(step[0]);
    }
    all.output = cells.back().output;
    all.step = [cells](const Name& x, Names& states) {
        Name y = x;
        auto next = states.begin();
        for (const StepCell& cell : cells) {
            const auto end = next + static_cast<std::ptrdiff_t>(cell.states.size());
            Names own(next, end);
            y = cell.step(y, own);
            next = std::move(own.begin(), own.end(), next);
        }
        return y;
    };
    return all;
}

struct CellForm {
    std::string_view class_name;
    StepCell (*make)(const CellParts&, const Shape& step);
};
constexpr CellForm cells[] = {
    {"ConvLSTM1D", conv_lstm},
    {"ConvLSTM2D", conv_lstm},
    {"ConvLSTM3D", conv_lstm},
    {"GRU", gru},
    {"GRUCell", gru},
    {"LSTM", lstm},
    {"LSTMCell", lstm},
    {"SimpleRNN", simple_rnn},
    {"SimpleRNNCell", simple_rnn},
    {"StackedRNNCells", stacked},
};

}  // namespace

StepCell step_cell(Builder& b, const std::string& class_name, const Settings& settings, const Weights& w,
                   const Shape& step, DType dtype) {
    for (const CellForm& form : cells)
        if (form.class_name == class_name) return form.make({b, settings, w, dtype}, step);
    fail(Code::unsupported, "a cell of class ", class_name, " is not written as ONNX");
}

}  // namespace layerctl::onnx
