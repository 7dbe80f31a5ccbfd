// Bidirectional: two recurrent layers, one of them from the end to the beginning, and their outputs merged.
#include <array>

#include "engine/layers/rnn/rnn.hpp"
#include "engine/layers/rnn/steps.hpp"
#include "engine/layers/wrapper.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/concatenate.hpp"
#include "models/dispatch.hpp"

namespace layerctl {

using MergeMode = Bidirection::Merge;

inline constexpr std::array merge_mode_names = {
    EnumName<MergeMode>{MergeMode::concat, "concat"},
    EnumName<MergeMode>{MergeMode::sum, "sum"},
    EnumName<MergeMode>{MergeMode::mul, "mul"},
    EnumName<MergeMode>{MergeMode::ave, "ave"},
};

template <>
struct ConfigField<MergeMode> : ConfigEnum<MergeMode, merge_mode_names> {};

namespace {

/// The backward layer as the config gives it: absent, null or a layer.
struct GivenLayer : WrappedLayer {};

}  // namespace

template <>
struct ConfigField<GivenLayer> {
    static std::string wanted(const GivenLayer&) { return "a serialized layer or null"; }
    static bool read(const Value& value, GivenLayer& out, const ConfigScope& scope) {
        return value.is_null() || out.read(value, scope);
    }
    static Value write(const GivenLayer& layer) { return layer.has_value() ? layer.write() : Value(); }
};

namespace {

class Bidirectional final : public Layer, public CountsMacs, public Lowers {
    WrappedLayer forward_layer;
    WrappedLayer backward_layer;
    GivenLayer given_backward_layer;
    std::optional<MergeMode> merge_mode = MergeMode::concat;

    void config(ConfigIo& io) override {
        forward_layer.set_context(context());
        given_backward_layer.set_context(context());
        io.required("layer", forward_layer);
        io.optional("backward_layer", given_backward_layer);
        io.optional("merge_mode", merge_mode);
        if (!forward_layer.has_value()) return;
        set_zero_outputs(forward_layer);
        backward_layer = given_backward_layer.has_value() ? given_backward_layer : turned_around(io.scope());
        set_zero_outputs(backward_layer);
        check_pair();
    }

    WrappedLayer turned_around(const ConfigScope& scope) const {
        Value layer = forward_layer.write();
        Value& config = *layer.find("config");
        config.set("go_backwards", !forward().runs_backwards());
        config.set("name", "backward_" + forward_layer.name());
        WrappedLayer turned;
        turned.set_context(context());
        turned.read(layer, scope);
        return turned;
    }

    /// Masked steps of sequences are zero here, whatever the layers' own configs say.
    static void set_zero_outputs(WrappedLayer& layer) {
        auto* rnn = dynamic_cast<Rnn*>(&layer.configurable());
        if (rnn == nullptr) fail(Code::unsupported, "wanted a recurrent layer, found ", layer.class_name());
        rnn->set_zero_output_for_mask(rnn->returns_sequences());
    }

    void check_pair() const {
        if (forward().runs_backwards() == backward().runs_backwards())
            fail(Code::config, "wanted layers that differ in go_backwards");
        if (forward().returns_sequences() != backward().returns_sequences() ||
            forward().returns_state() != backward().returns_state() ||
            forward().is_stateful() != backward().is_stateful() ||
            forward().is_time_major() != backward().is_time_major())
            fail(Code::config, "wanted layers that agree in return_sequences, return_state, stateful and time_major");
    }

    const Rnn& forward() const { return dynamic_cast<const Rnn&>(*forward_layer); }
    const Rnn& backward() const { return dynamic_cast<const Rnn&>(*backward_layer); }

    std::vector<std::string> call_arguments() const override {
        return forward_layer.has_value() ? forward().call_arguments() : Layer::call_arguments();
    }

    WeightSpecs weights(const Shapes& in) const override {
        WeightSpecs specs = forward_layer.weights("forward_layer", {in[0]});
        for (WeightSpec& spec : backward_layer.weights("backward_layer", {in[0]})) specs.push_back(std::move(spec));
        return specs;
    }

    /// The inputs of one of the layers: the sequence and its half of the initial states.
    template <class T>
    std::vector<T> half(const std::vector<T>& in, bool second) const {
        require(in.size() % 2 == 1, "wanted as many initial states for the backward layer, found ", in.size() - 1,
                " in all");
        const auto count = static_cast<std::ptrdiff_t>(in.size() / 2);
        std::vector<T> own = {in.front()};
        const auto begin = in.begin() + 1 + (second ? count : 0);
        own.insert(own.end(), begin, begin + count);
        return own;
    }

    /// Outputs of both layers in Keras' order: merged or one after the other, then all states.
    template <class T, class Merge>
    std::vector<T> joined(const std::vector<T>& a, const std::vector<T>& b, const Merge& merge) const {
        std::vector<T> out;
        if (merge_mode) out.push_back(merge(a.front(), b.front()));
        else out = {a.front(), b.front()};
        for (const std::vector<T>* part : {&a, &b}) out.insert(out.end(), part->begin() + 1, part->end());
        return out;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        const Shapes a = forward().compute_output_shape(half(in, false));
        const Shapes b = backward().compute_output_shape(half(in, true));
        return joined(a, b, [&](const Shape& left, const Shape& right) {
            if (merge_mode == MergeMode::concat) return left.with_back(left.back() + right.back());
            require(left.is_compatible_with(right), "outputs to be merged differ: ", left, " and ", right);
            return left;
        });
    }

    Masks compute_mask(const Tensors&, const Masks& in) const override {
        if (!forward().returns_sequences() || in.empty()) return {Tensor()};
        return Masks(merge_mode ? 1 : 2, in.front());
    }

    Shapes state_shapes(const Shapes& in) const override {
        Shapes shapes = forward().state_shapes({in[0]});
        const Shapes others = backward().state_shapes({in[0]});
        shapes.insert(shapes.end(), others.begin(), others.end());
        return shapes;
    }

    std::optional<std::int64_t> macs(const Shapes& in) const override {
        const std::optional<std::int64_t> a = forward().macs({in[0]}), b = backward().macs({in[0]});
        if (!a || !b) return {};
        return *a + *b;
    }

    std::optional<Request> lower(const Shapes& in, const Weights& w) const override {
        const std::optional<Request> a = forward().lower(half(in, false), w.below("forward_layer"));
        const std::optional<Request> b = backward().lower(half(in, true), w.below("backward_layer"));
        if (!a || !b) return {};
        const auto *first = std::get_if<Recurrence>(&*a), *second = std::get_if<Recurrence>(&*b);
        if (first == nullptr || second == nullptr || first->cell != second->cell) return {};
        return Bidirection{*first, *second, merge_mode};
    }

    MaskRule mask_rule() const override {
        const bool refuses = forward().mask_rule().inputs == MaskRule::Inputs::refused ||
                             backward().mask_rule().inputs == MaskRule::Inputs::refused;
        return {refuses ? MaskRule::Inputs::refused : MaskRule::Inputs::heeded};
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override { call_masked(x, {}, w, y); }

    void call_masked(const Tensors& x, const Masks& masks, const Weights& w, Tensors& y) const override {
        if (forward().is_stateful()) fail(Code::unsupported, "a stateful layer inside another layer");
        Tensors state;
        call_stateful(x, masks, w, state, y);
    }

    void call_stateful(const Tensors& x, const Masks& masks, const Weights& w, Tensors& state,
                       Tensors& y) const override {
        const auto middle = state.begin() + static_cast<std::ptrdiff_t>(state.size() / 2);
        Tensors forward_state(state.begin(), middle), backward_state(middle, state.end());
        const Tensors a = run(forward(), half(x, false), masks, w.below("forward_layer"), forward_state);
        Tensors b = run(backward(), half(x, true), masks, w.below("backward_layer"), backward_state);
        if (backward().returns_sequences()) b[0] = rnn::reversed_in_time(b[0], backward().is_time_major());
        y = joined(a, b, [&](const Tensor& left, const Tensor& right) { return merged(left, right); });
        state = std::move(forward_state);
        state.insert(state.end(), backward_state.begin(), backward_state.end());
    }

    static Tensors run(const Rnn& layer, const Tensors& x, const Masks& masks, const Weights& w, Tensors& state) {
        Shapes shapes;
        for (const Tensor& input : x) shapes.push_back(input.shape());
        Tensors y(layer.compute_output_shape(shapes).size());
        layer.call_stateful(x, masks, w, state, y);
        return y;
    }

    Tensor merged(const Tensor& left, const Tensor& right) const {
        if (merge_mode == MergeMode::concat) return ops::concatenate({left, right}, left.shape().rank() - 1);
        Tensor out = Tensor::uninitialized(left.dtype(), left.shape());
        with_float(out.dtype(), [&]<class T>(Type<T>) {
            ops::binary<T>(left, right, out, [mode = *merge_mode](T a, T b) {
                return mode == MergeMode::mul ? a * b : mode == MergeMode::sum ? a + b : (a + b) / 2;
            });
        });
        return out;
    }
};

LAYERCTL_REGISTER_LAYER(Bidirectional);

}  // namespace
}  // namespace layerctl
