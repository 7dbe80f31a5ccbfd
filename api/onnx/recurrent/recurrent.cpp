// Recurrent layers and the wrappers over time.
#include <algorithm>

#include "api/onnx/recurrent/recurrence.hpp"
#include "api/onnx/steps.hpp"
#include "engine/configured_layer.hpp"
#include "engine/ops/cudnn_layout.hpp"

namespace layerctl::onnx {
namespace {

void require_no_unrolled_zeros(const Recurrence& r, const Settings& settings) {
    if (!r.mask.empty() && settings.flag("unroll") && r.zero_output_for_mask)
        fail(Code::unsupported, "the zeros of an unrolled loop under a mask are not written as ONNX");
}

/// What the config of a recurrent layer says of the sequence.
Recurrence recurrence(LayerCall& call, const Settings& s, std::string cell_class, const Settings& cell, Weights w) {
    Recurrence r{call.b, std::move(cell_class), cell, std::move(w), call.x[0], call.in[0], call.dtype()};
    r.mask = call.masks[0];
    r.go_backwards = s.flag("go_backwards");
    r.time_major = s.flag("time_major");
    r.return_sequences = s.flag("return_sequences");
    r.zero_output_for_mask = s.flag("zero_output_for_mask");
    if (s.flag("stateful")) fail(Code::unsupported, "state between calls is not written as ONNX");
    require_no_unrolled_zeros(r, s);
    return r;
}

/// From the states given after the sequence. As many outputs as the layer has; the mask goes on with sequences.
Names run(LayerCall& call, Recurrence& r) {
    r.initial.assign(call.x.begin() + 1, call.x.end());
    Names made = run_along_time(r);
    made.resize(call.out.size());
    call.out_masks.assign(made.size(), "");
    if (r.return_sequences) call.out_masks[0] = r.mask;
    return made;
}

Names recurrent(LayerCall& call) {
    Recurrence r = recurrence(call, call.settings, call.class_name, call.settings, call.w.below("cell"));
    return run(call, r);
}

/// Over images Keras 2 forgets zero_output_for_mask.
Names conv_lstm(LayerCall& call) {
    Recurrence r = recurrence(call, call.settings, call.class_name, call.settings, call.w.below("cell"));
    r.zero_output_for_mask = r.zero_output_for_mask && call.keras3();
    return run(call, r);
}

/// The weights of cuDNN in Keras' layout; the cell is the default one with a bias.
Names cudnn_rnn(LayerCall& call) {
    const bool gru = call.class_name == "CuDNNGRU";
    const std::int64_t gates = gru ? 3 : 4;
    const std::string cell_class = gru ? "GRUCell" : "LSTMCell";
    const std::int64_t units = call.settings.get<std::int64_t>("units");
    const Config config = gru ? Config{{"units", units}, {"reset_after", true}} : Config{{"units", units}};
    const auto cell = configured_layer(cell_class, "", config, call.layer.context());
    Weights w;
    w.add("kernel", ops::kernel_from_cudnn(call.w["kernel"], gates));
    w.add("recurrent_kernel", ops::recurrent_kernel_of_cudnn(call.w["recurrent_kernel"], gates));
    w.add("bias", ops::bias_from_cudnn(call.w["bias"], gates));
    Recurrence r = recurrence(call, call.settings, cell_class, settings_of(*cell), w);
    return run(call, r);
}

std::string class_of(const Value& wrapped) { return *wrapped.find("class_name")->string(); }

std::unique_ptr<Layer> made(const LayerCall& outer, const Value& wrapped) {
    return configured_layer(class_of(wrapped), "", Config(*wrapped.find("config")), outer.layer.context());
}

Recurrence over_any_cell(LayerCall& call, const Settings& s, const Weights& w) {
    if (s.get_or<std::int64_t>("num_constants", 0) != 0)
        fail(Code::unsupported, "constants of a cell are not written as ONNX");
    const Value cell = s.get<Value>("cell");
    const auto layer = made(call, cell);
    return recurrence(call, s, class_of(cell), settings_of(*layer), w);
}

Names rnn(LayerCall& call) {
    Recurrence r = over_any_cell(call, call.settings, call.w.below("cell"));
    return run(call, r);
}

/// One of the two layers of a Bidirectional. Masked steps of sequences are zero there.
Recurrence direction(LayerCall& call, const Value& wrapped, const char* weights) {
    const auto layer = made(call, wrapped);
    const Settings settings = settings_of(*layer);
    const std::string class_name = class_of(wrapped);
    const Weights w = call.w.below(weights).below("cell");
    Recurrence r =
        class_name == "RNN" ? over_any_cell(call, settings, w) : recurrence(call, settings, class_name, settings, w);
    const bool heeds_zeros = call.keras3() || !class_name.starts_with("ConvLSTM");
    r.zero_output_for_mask = r.return_sequences && heeds_zeros;
    require_no_unrolled_zeros(r, settings);
    return r;
}

Value turned_around(const Value& wrapped) {
    Value other = wrapped;
    Value& config = *other.find("config");
    const Value* backwards = config.find("go_backwards");
    config.set("go_backwards", backwards == nullptr || !(*backwards == Value(true)));
    return other;
}

Name merged(LayerCall& call, const std::string& mode, const Name& a, const Name& b, std::size_t rank) {
    if (mode == "concat") return concat(call.b, {a, b}, static_cast<std::int64_t>(rank) - 1);
    const Name y = call.b.add(mode == "mul" ? "Mul" : "Add", {a, b});
    return mode == "ave" ? with_number(call.b, "Div", y, call.dtype(), 2) : y;
}

Names bidirectional(LayerCall& call) {
    const Value wrapped = call.settings.get<Value>("layer");
    Recurrence forward = direction(call, wrapped, "forward_layer");
    const bool given = call.settings.has("backward_layer");
    const std::string scope = call.b.scope();
    Recurrence backward =
        direction(call, given ? call.settings.get<Value>("backward_layer") : turned_around(wrapped), "backward_layer");
    const auto middle = call.x.begin() + 1 + static_cast<std::ptrdiff_t>((call.x.size() - 1) / 2);
    forward.initial.assign(call.x.begin() + 1, middle);
    backward.initial.assign(middle, call.x.end());
    call.b.set_scope(scope + "/forward_layer");
    const Names a = run_along_time(forward);
    call.b.set_scope(scope + "/backward_layer");
    Names b = run_along_time(backward);
    call.b.set_scope(scope);
    if (backward.return_sequences) b[0] = reversed(call.b, b[0], backward.time_axis());
    Names y;
    if (call.settings.has("merge_mode"))
        y = {merged(call, call.settings.text("merge_mode"), a[0], b[0], call.out[0].rank())};
    else y = {a[0], b[0]};
    const std::size_t outputs = y.size();
    if (call.out.size() > outputs) {
        y.insert(y.end(), a.begin() + 1, a.end());
        y.insert(y.end(), b.begin() + 1, b.end());
    }
    call.out_masks.assign(y.size(), "");
    if (forward.return_sequences) std::fill_n(call.out_masks.begin(), outputs, forward.mask);
    return y;
}

/// Sizes to reshape to: those of `front` and `first`, then those of x from axis `from` on.
Name sizes_after(LayerCall& call, const Name& front, Ints first, const Name& x, const Shape& shape, std::size_t from) {
    const Shape rest = shape.slice(from, shape.rank());
    Names parts;
    if (!front.empty()) parts.push_back(front);
    if (rest.is_known()) first.insert(first.end(), rest.begin(), rest.end());
    if (!first.empty()) parts.push_back(call.b.ints(first));
    if (!rest.is_known()) parts.push_back(sizes_of(call.b, x, counted(from, shape.rank())));
    return concat(call.b, parts, 0);
}

/// The steps as batch entries and back.
Names time_distributed(LayerCall& call) {
    Builder& b = call.b;
    if (call.x.size() != 1) fail(Code::unsupported, "several inputs are not written as ONNX");
    const Value wrapped = call.settings.get<Value>("layer");
    const LayerForm* form = find_form(class_of(wrapped));
    if (!call.masks[0].empty() && form != nullptr && form->masks != MaskUse::passes)
        fail(Code::unsupported, "a mask reaches it, which is not written as ONNX");
    const Shape& in = call.in[0];
    const std::int64_t steps = in[0] == Shape::unknown || in[1] == Shape::unknown ? Shape::unknown : in[0] * in[1];
    const Name x = call.b.add("Reshape", {call.x[0], sizes_after(call, "", {-1}, call.x[0], in, 2)});
    const Shape folded = in.slice(1, in.rank()).with_front(steps);
    const Names y = emit_wrapped(call, wrapped, call.w.below("layer"), x, folded);
    if (y.size() != 1) fail(Code::unsupported, "several outputs are not written as ONNX");
    call.out_masks = {call.masks[0]};
    const Shape made = call.out[0].slice(1, call.out[0].rank());
    if (in[1] != Shape::unknown) return {b.add("Reshape", {y[0], sizes_after(call, "", {-1, in[1]}, y[0], made, 1)})};
    const Name front = sizes_of(b, call.x[0], {0, 1});
    return {b.add("Reshape", {y[0], sizes_after(call, front, {}, y[0], made, 1)})};
}

constexpr LayerForm forms[] = {
    {"Bidirectional", bidirectional, MaskUse::own},
    {"ConvLSTM1D", conv_lstm, MaskUse::own},
    {"ConvLSTM2D", conv_lstm, MaskUse::own},
    {"ConvLSTM3D", conv_lstm, MaskUse::own},
    {"CuDNNGRU", cudnn_rnn, MaskUse::refused},
    {"CuDNNLSTM", cudnn_rnn, MaskUse::refused},
    {"GRU", recurrent, MaskUse::own},
    {"LSTM", recurrent, MaskUse::own},
    {"RNN", rnn, MaskUse::own},
    {"SimpleRNN", recurrent, MaskUse::own},
    {"TimeDistributed", time_distributed, MaskUse::own},
};

}  // namespace

LayerForms recurrent_forms() { return forms; }

}  // namespace layerctl::onnx
