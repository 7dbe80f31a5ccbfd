// Where masks flow, and where the two versions of Keras part: merges combine them otherwise, some layers lose or use
// them in one version only. A mask that differs matters once it reaches a layer that heeds masks.
#include <algorithm>

#include "models/dialects/parts.hpp"

namespace layerctl::dialects {
namespace {

constexpr std::string_view ends_masks =
    "Flatten GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D "
    "GlobalMaxPooling2D GlobalMaxPooling3D";

/// Layers whose numbers depend on a mask.
constexpr std::string_view heeds_masks =
    "GlobalAveragePooling1D Softmax MultiHeadAttention Attention AdditiveAttention";

/// Layers after which the mask is another in Keras 3 than in Keras 2.
constexpr std::string_view changes_masks =
    "Add Subtract Multiply Average Maximum Minimum Dot Concatenate MultiHeadAttention TimeDistributed Identity "
    "Normalization Rescaling Reshape";

/// Layers that make other numbers of the same mask.
constexpr std::string_view reads_masks_otherwise =
    "MultiHeadAttention Softmax Multiply Maximum Minimum GroupNormalization ConvLSTM1D ConvLSTM2D ConvLSTM3D";

enum class Mask { none, same, differs };

bool flag(const LayerSpec& layer, std::string_view key) {
    const Value* value = layer.config.find(key);
    return value != nullptr && *value == Value(true);
}

bool returns_sequences(const LayerSpec& layer) {
    const Value* wrapped = layer.config.find("layer");
    const Value* config = wrapped == nullptr ? &layer.config.value() : wrapped->find("config");
    const Value* value = config == nullptr ? nullptr : config->find("return_sequences");
    return value != nullptr && *value == Value(true);
}

/// A wrapped layer that makes a mask of its own.
bool masks_inside(const Value& config) {
    const Value* wrapped = config.find("layer");
    const Value* inner = wrapped == nullptr ? nullptr : wrapped->find("config");
    if (inner == nullptr) return false;
    const Value *name = wrapped->find("class_name"), *zero = inner->find("mask_zero");
    const bool makes = (name != nullptr && *name == Value("Masking")) || (zero != nullptr && *zero == Value(true));
    return makes || masks_inside(*inner);
}

const LayerSpec& writer_of(const ModelSpec& model, const TensorRef& reference) {
    const LayerSpec& layer = model.layers[reference.layer];
    if (layer.model == nullptr || reference.tensor >= layer.model->outputs.tensors().size()) return layer;
    return writer_of(*layer.model, layer.model->outputs.tensors()[reference.tensor]);
}

const LayerSpec& reader_of(const LayerSpec& layer, std::size_t input) {
    if (layer.model == nullptr || input >= layer.model->inputs.tensors().size()) return layer;
    return layer.model->layers[layer.model->inputs.tensors()[input].layer];
}

/// The name of a layer's dtype or policy.
Value dtype_name(const LayerSpec& layer) {
    const Value* dtype = layer.config.find("dtype");
    if (dtype == nullptr || dtype->is_null()) return Value("float32");
    const Value *config = dtype->find("config"), *name = config == nullptr ? nullptr : config->find("name");
    return name == nullptr ? *dtype : *name;
}

class MaskFlow {
public:
    explicit MaskFlow(const ModelSpec& model) : model_(model) {
        for (const LayerSpec& layer : model.layers)
            if (layer.class_name == "MultiHeadAttention")  // Keras 3 takes the masks off what it has read
                for (const Call& call : layer.calls)
                    for (const TensorRef& reference : call.tensors()) taken_off_.push_back(reference);
    }

    /// The masks of the outputs, given those of the inputs.
    std::vector<Mask> run(const std::vector<Mask>& inputs) {
        const std::vector<TensorRef> entries = model_.inputs.tensors();
        for (const CallRef& call : execution_order(model_)) {
            const LayerSpec& layer = model_.layers[call.layer];
            Mask made = Mask::none;
            if (layer.calls.empty()) {
                for (std::size_t i = 0; i < entries.size() && i < inputs.size(); ++i)
                    if (entries[i].layer == call.layer) made = inputs[i];
            } else {
                in_context(layer_frame(layer), [&] { made = after(layer, layer.calls[call.node]); });
            }
            masks_.push_back({call, made});
        }
        std::vector<Mask> outputs;
        for (const TensorRef& reference : model_.outputs.tensors()) outputs.push_back(of(reference));
        return outputs;
    }

private:
    Mask of(const TensorRef& reference) const {
        for (const auto& [call, mask] : masks_)
            if (call.layer == reference.layer && call.node == reference.node) return mask;
        return Mask::none;
    }

    bool is_taken_off(const TensorRef& reference) const {
        return std::find(taken_off_.begin(), taken_off_.end(), reference) != taken_off_.end();
    }

    /// Keras 3 loses a mask where a layer casts, Keras 2 where the input of a nested model does.
    bool is_cast(const TensorRef& reference, const LayerSpec& reader) const {
        return !reader.implicit && dtype_name(writer_of(model_, reference)) != dtype_name(reader);
    }

    /// A mask among the arguments of the call.
    static bool has_own_mask(const LayerSpec& layer, const Call& call) {
        if (layer.class_name == "Softmax" && call.tensors().size() > 1) return true;
        for (const auto& [name, argument] : call.kwargs)
            if (name.ends_with("mask") && !argument.tensors().empty()) return true;
        return false;
    }

    Mask after(const LayerSpec& layer, const Call& call) {
        std::vector<Mask> given;
        Mask incoming = Mask::none;
        for (const TensorRef& reference : call.tensors()) {
            Mask mask = of(reference);
            const bool other_reader = layer.class_name != "MultiHeadAttention";
            if (mask == Mask::same && other_reader && is_taken_off(reference)) mask = Mask::differs;
            if (mask == Mask::same && is_cast(reference, reader_of(layer, given.size()))) mask = Mask::differs;
            given.push_back(mask);
            incoming = std::max(incoming, mask);
        }
        if (has_own_mask(layer, call)) incoming = std::max(incoming, Mask::same);
        if (layer.model != nullptr) {
            const std::vector<Mask> inner = MaskFlow(*layer.model).run(given);
            return inner.empty() ? Mask::none : *std::max_element(inner.begin(), inner.end());
        }
        if (layer.class_name == "Masking" || flag(layer, "mask_zero")) return Mask::same;
        if (masks_inside(layer.config.value())) return Mask::differs;
        if (incoming == Mask::none) return Mask::none;
        if (is_one_of(layer.class_name, recurrent_layers) && call.tensors().size() > 1)
            fail(Code::unsupported, "a mask reaches it together with states, where Keras 3 forgets the mask");
        refuse(layer, incoming);
        if (is_one_of(layer.class_name, recurrent_layers) && !returns_sequences(layer)) return Mask::none;
        if (is_one_of(layer.class_name, ends_masks)) return Mask::none;
        return is_one_of(layer.class_name, changes_masks) ? Mask::differs : incoming;
    }

    static void refuse(const LayerSpec& layer, Mask incoming) {
        if (is_one_of(layer.class_name, reads_masks_otherwise))
            fail(Code::unsupported, "a mask reaches it, which Keras 2 and 3 treat differently there");
        const bool heeds = is_one_of(layer.class_name, heeds_masks) || is_one_of(layer.class_name, recurrent_layers);
        if (incoming == Mask::differs && heeds)
            fail(Code::unsupported, "the mask that reaches it is another in Keras 2 than in Keras 3");
    }

    const ModelSpec& model_;
    std::vector<TensorRef> taken_off_;
    std::vector<std::pair<CallRef, Mask>> masks_;
};

}  // namespace

void require_same_masks(const ModelSpec& model) { MaskFlow(model).run({}); }

}  // namespace layerctl::dialects
