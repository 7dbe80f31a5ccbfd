// ONNX' own LSTM, GRU and RNN. Its blocks of gates stand in another order: LSTM i, o, f, c for Keras' i, f, c, o.
#include "api/onnx/recurrent/recurrence.hpp"
#include "api/onnx/steps.hpp"
#include "engine/ops/concatenate.hpp"

namespace layerctl::onnx {
namespace {

struct NodeForm {
    std::string_view class_name;
    const char* op_type;
    std::vector<std::int64_t> blocks;  // of Keras, in ONNX' order
    std::size_t states;
};

const NodeForm* form_of(const std::string& class_name) {
    static const NodeForm forms[] = {
        {"GRU", "GRU", {0, 1, 2}, 1},          {"GRUCell", "GRU", {0, 1, 2}, 1}, {"LSTM", "LSTM", {0, 3, 1, 2}, 2},
        {"LSTMCell", "LSTM", {0, 3, 1, 2}, 2}, {"SimpleRNN", "RNN", {0}, 1},     {"SimpleRNNCell", "RNN", {0}, 1},
    };
    for (const NodeForm& form : forms)
        if (form.class_name == class_name) return &form;
    return nullptr;
}

/// An activation as ONNX' recurrent nodes name it.
struct NodeActivation {
    Activation::Id id;
    const char* name;
    std::vector<float> parameters = {};  // alpha, beta
};

const NodeActivation* activation_of(const Activation& activation) {
    using Id = Activation::Id;
    static const NodeActivation known[] = {
        {Id::tanh, "Tanh"},
        {Id::sigmoid, "Sigmoid"},
        {Id::relu, "Relu"},
        {Id::softsign, "Softsign"},
        {Id::hard_sigmoid_v2, "HardSigmoid", {0.2f, 0.5f}},
        {Id::hard_sigmoid, "HardSigmoid", {1.f / 6, 0.5f}},
    };
    if (activation.alpha != 0 || activation.threshold != 0 || activation.has_max) return nullptr;
    for (const NodeActivation& one : known)
        if (one.id == activation.id) return &one;
    return nullptr;
}

/// Names and parameters, in the order of the node's functions; false if one of them is not known.
bool add_activations(const Recurrence& r, const NodeForm& form, Attributes& attributes) {
    std::vector<const char*> keys = {"activation"};
    if (form.blocks.size() > 1) keys.insert(keys.begin(), "recurrent_activation");
    if (form.states == 2) keys.push_back("activation");
    AttributeProto::Strings names;
    AttributeProto::Floats alpha, beta;
    for (const char* key : keys) {
        const NodeActivation* one = activation_of(r.cell.get<Activation>(key));
        if (one == nullptr) return false;
        names.emplace_back(one->name);
        if (one->parameters.empty()) continue;
        alpha.push_back(one->parameters[0]);
        beta.push_back(one->parameters[1]);
    }
    attributes.push_back({"activations", names});
    if (!alpha.empty()) attributes.push_back({"activation_alpha", alpha});
    if (!beta.empty()) attributes.push_back({"activation_beta", beta});
    return true;
}

/// (n, gates · units) as (gates · units, n), its blocks in ONNX' order.
Tensor reordered(const Tensor& matrix, const NodeForm& form) {
    const Tensor turned = ops::transpose(matrix, {1, 0});
    const std::int64_t units = turned.shape()[0] / static_cast<std::int64_t>(form.blocks.size());
    Tensors blocks;
    for (const std::int64_t block : form.blocks) blocks.push_back(turned.rows(block * units, (block + 1) * units));
    return ops::concatenate(blocks, 0);
}

/// The two biases one after the other; the second is zero where Keras has one.
Tensor biases(const Tensor& bias, const NodeForm& form) {
    const std::int64_t n = bias.shape().back();
    const bool two = bias.shape().rank() == 2;
    const Tensor first = reordered((two ? bias.rows(0, 1) : bias).reshaped({1, n}), form);
    const Tensor second = two ? reordered(bias.rows(1, 2), form) : Tensor(bias.dtype(), {n, 1});
    return ops::concatenate({first, second}, 0).reshaped({1, 2 * n});
}

Tensor with_direction(const Tensor& matrix) { return matrix.reshaped({1, matrix.shape()[0], matrix.shape()[1]}); }

}  // namespace

std::optional<Names> as_one_node(const Recurrence& r) {
    const NodeForm* form = form_of(r.cell_class);
    if (form == nullptr || !r.mask.empty() || r.dtype != DType::float32) return std::nullopt;
    const std::int64_t units = r.cell.get<std::int64_t>("units");
    Attributes attributes = {{"hidden_size", units}};
    if (!add_activations(r, *form, attributes)) return std::nullopt;
    if (r.cell_class.find("GRU") != std::string::npos)
        attributes.push_back({"linear_before_reset", std::int64_t{resets_after(r.cell)}});
    Builder& b = r.b;
    Name x = r.time_major ? r.x : transpose(b, r.x, {1, 0, 2});
    if (r.go_backwards) x = reversed(b, x, 0);
    Names inputs = {x, b.constant("W", with_direction(reordered(r.w["kernel"], *form))),
                    b.constant("R", with_direction(reordered(r.w["recurrent_kernel"], *form))),
                    r.cell.flag("use_bias") ? b.constant("B", biases(r.w["bias"], *form)) : Name(), ""};
    for (const Name& state : r.initial) inputs.push_back(unsqueeze(b, state, {0}));
    const Names made = b.add_many(form->op_type, inputs, 1 + form->states, attributes);
    Names out;
    for (std::size_t i = 0; i < form->states; ++i) out.push_back(squeeze(b, made[1 + i], {0}));
    if (!r.return_sequences) {
        out.insert(out.begin(), out.front());
        return out;
    }
    const Name steps = squeeze(b, made[0], {1});
    out.insert(out.begin(), r.time_major ? steps : transpose(b, steps, {1, 0, 2}));
    return out;
}

}  // namespace layerctl::onnx
