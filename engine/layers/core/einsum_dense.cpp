// EinsumDense: y = activation(einsum(equation, x, kernel) + bias).
#include <algorithm>

#include "engine/counts_macs.hpp"
#include "engine/layer.hpp"
#include "engine/layers/core/lora.hpp"
#include "engine/layers/core/quantization.hpp"
#include "engine/lowering.hpp"
#include "engine/ops/activation.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/einsum.hpp"
#include "engine/ops/spatial.hpp"
#include "engine/ops/transpose.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

/// `output_shape`: an integer or a list, without the batch axis; null where the input says it.
struct OutputShape {
    std::vector<std::optional<std::int64_t>> dims;
    bool is_list = true;
};

}  // namespace

template <>
struct ConfigField<OutputShape> {
    using Dims = ConfigField<std::vector<std::optional<std::int64_t>>>;

    static std::string wanted(const OutputShape&) { return "an integer or a list of integers and nulls"; }
    static bool read(const Value& value, OutputShape& out, Dialect dialect) {
        out.is_list = value.array() != nullptr;
        return Dims::read(out.is_list ? value : Value::array({value}), out.dims, dialect);
    }
    static Value write(const OutputShape& shape) {
        if (!shape.is_list) return ConfigField<std::optional<std::int64_t>>::write(shape.dims.front());
        return Dims::write(shape.dims);
    }
};

namespace {

class EinsumDense final : public Layer, public CountsMacs, public Lowers {
    OutputShape output_shape;
    std::string equation;
    Activation activation;
    std::optional<std::string> bias_axes;
    Initializer kernel_initializer = Initializer::glorot_uniform();
    Initializer bias_initializer = Initializer::zeros();
    Lora lora{"kernel"};
    Quantization quantization;

    void config(ConfigIo& io) override {
        io.required("output_shape", output_shape);
        io.required("equation", equation);
        io.optional("activation", activation);
        io.optional("bias_axes", bias_axes);
        weight_config(io, "kernel", kernel_initializer);
        weight_config(io, "bias", bias_initializer);
        lora.config(io);
        quantization.config(io);
        io.only("gptq_unpacked_column_size", nullptr);
    }

    WeightSpecs weights(const Shapes& in) const override {
        const ops::Einsum e = parsed(in[0]);
        const Shape kernel = kernel_shape(e, in[0]);
        WeightSpecs specs;
        if (flattens()) quantization.add_weights(stored(e, kernel), specs);
        else if (quantization.integers()) add_scaled_by_output(e, kernel, specs);
        else specs.push_back({"kernel", kernel, kernel_initializer, !lora.enabled()});
        if (bias_axes)
            specs.insert(specs.begin() + 1, {"bias", bias_shape(e, output_of_einsum(e, in[0])), bias_initializer});
        if (quantization.float8()) quantization.add_float8_weights(specs);
        lora.add_weights(kernel, specs);
        return specs;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        return {activated_shape(activation, output_of_einsum(parsed(in[0]), in[0]))};
    }

    std::optional<std::int64_t> macs(const Shapes& in) const override {
        if (lora.enabled()) return {};
        const ops::Einsum e = parsed(in[0]);
        return ops::macs(e, in[0], kernel_shape(e, in[0]));
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        const ops::Einsum e = parsed(x[0].shape());
        const Tensor inputs = quantization.inputs(x[0], axes_outside(e.a, e.y), w);
        y[0] = ops::einsum(e, inputs, kernel(e, x[0].shape(), w));
        if (quantization.integers() && !flattens()) divide(y[0], w["kernel_scale"]);
        if (quantization.integers() && lora.enabled()) lora.add_product(ops::einsum(e, x[0], lora.a(w)), w, y[0]);
        if (bias_axes) quantization.add_bias(y[0], w["bias"]);
        ops::apply(activation, y[0]);
    }

    /// A product where the last axes of x are summed over and those that the kernel has alone stand in their place.
    std::optional<Request> lower(const Shapes& in, const Weights& w) const override {
        const ops::Einsum e = parsed(in[0]);
        const auto kept =
            static_cast<std::size_t>(std::mismatch(e.a.begin(), e.a.end(), e.y.begin(), e.y.end()).first - e.a.begin());
        const std::string summed = e.a.substr(kept), own = e.y.substr(kept), axes = summed + own;
        if (summed.empty() || own.empty() || !std::is_permutation(axes.begin(), axes.end(), e.b.begin(), e.b.end()))
            return {};
        const bool is_along_an_axis = activation.id == Activation::Id::softmax;
        if (quantization.integers() || quantization.float8() || (own.size() > 1 && is_along_an_axis)) return {};
        ops::Permutation order;
        for (const char label : axes) order.push_back(e.b.find(label));
        const Tensor kernel = ops::transpose(lora.merged(w), order);
        const Shape outputs = kernel.shape().slice(summed.size(), axes.size());
        const std::int64_t n = outputs.elements();
        if (bias_axes && w["bias"].shape().rank() > own.size()) return {};
        return Product{kernel.reshaped({kernel.shape().elements() / n, n}),
                       bias_axes ? ops::broadcast_to(w["bias"], outputs).reshaped({n}) : Tensor(), activation};
    }

    /// Whether the kernel is kept as a matrix: its elements in order, as many rows as the axes summed over have.
    bool flattens() const { return quantization.int4() && quantization.packs_last_axis(); }

    Shape kernel_shape(const ops::Einsum& e, const Shape& in) const {
        Shape kernel(std::vector<std::int64_t>(e.b.size()));
        for (std::size_t i = 0; i < e.b.size(); ++i) kernel[i] = kernel_dim(e, in, e.b[i]);
        return kernel;
    }

    static StoredMatrix stored(const ops::Einsum& e, const Shape& kernel) {
        StoredMatrix matrix{.name = "kernel", .rows = 1, .columns = 1, .summed = 0, .packed = 1};
        for (std::size_t i = 0; i < kernel.rank(); ++i) {
            std::int64_t& side = e.y.find(e.b[i]) == std::string::npos ? matrix.rows : matrix.columns;
            side = ops::times(side, kernel[i]);
        }
        return matrix;
    }

    /// An integer kernel in its own shape, with a scale for every element of the output's axes that are its own.
    void add_scaled_by_output(const ops::Einsum& e, const Shape& kernel, WeightSpecs& specs) const {
        Shape kept = kernel, scale(std::vector<std::int64_t>(e.y.size(), 1));
        if (quantization.int4()) kept[packed_axis(e)] = kept[packed_axis(e)] / 2 + kept[packed_axis(e)] % 2;
        for (std::size_t i = 0; i < e.y.size(); ++i)
            if (const std::size_t at = e.b.find(e.y[i]); at != std::string::npos) scale[i] = kernel[at];
        specs.push_back({"kernel", kept, Initializer::zeros(), false, DType::int8});
        specs.push_back({"kernel_scale", scale, Initializer::ones(), false});
    }

    /// The first axis of the kernel that is summed over.
    static std::size_t packed_axis(const ops::Einsum& e) {
        const std::vector<std::size_t> summed = axes_outside(e.b, e.y);
        return summed.empty() ? 0 : summed.front();
    }

    static std::vector<std::size_t> axes_outside(const std::string& labels, const std::string& result) {
        std::vector<std::size_t> axes;
        for (std::size_t i = 0; i < labels.size(); ++i)
            if (result.find(labels[i]) == std::string::npos) axes.push_back(i);
        return axes;
    }

    Tensor kernel(const ops::Einsum& e, const Shape& in, const Weights& w) const {
        if (quantization.float8()) return quantization.float8_kernel(w);
        if (!quantization.integers()) return lora.merged(w);
        const Shape shape = kernel_shape(e, in);
        if (flattens()) return quantization.dequantized(stored(e, shape), w).reshaped(shape);
        const Tensor& kept = w["kernel"];
        const std::size_t axis = packed_axis(e);
        return (quantization.int4() ? ops::unpack_int4(kept, axis, shape[axis]) : kept).cast(w["kernel_scale"].dtype());
    }

    static void divide(Tensor& y, const Tensor& scale) {
        with_float(y.dtype(), [&]<class T>(Type<T>) { ops::binary<T>(y, scale, y, std::divides<T>()); });
    }

    ops::Einsum parsed(const Shape& in) const { return ops::parse_einsum(equation, in.rank()); }

    /// The dimension `output_shape` gives to axis `i` of the result; unknown if it leaves it open.
    std::int64_t stated_dim(const ops::Einsum& e, std::size_t i) const {
        const std::size_t unstated = e.ellipsis_leads ? std::max<std::size_t>(e.ellipsis, 1) : 1;
        if (i < unstated || i - unstated >= output_shape.dims.size()) return Shape::unknown;
        return output_shape.dims[i - unstated].value_or(Shape::unknown);
    }

    Shape output_of_einsum(const ops::Einsum& e, const Shape& in) const {
        Shape out(std::vector<std::int64_t>(e.y.size()));
        for (std::size_t i = 0; i < e.y.size(); ++i) {
            const std::size_t from = e.a.find(e.y[i]);
            const std::int64_t stated = stated_dim(e, i);
            out[i] = from == std::string::npos ? stated : in[from];
            if (out[i] == Shape::unknown) out[i] = stated;
            require(stated == Shape::unknown || stated == out[i], "output_shape wants ", stated, " for '", e.y[i],
                    "' of '", equation, "', found input shape ", in);
            require(out[i] != Shape::unknown || from != std::string::npos, "output_shape must state the size of '",
                    e.y[i], "' of '", equation, "'");
        }
        return out;
    }

    std::int64_t kernel_dim(const ops::Einsum& e, const Shape& in, char label) const {
        const std::size_t from = e.a.find(label), to = e.y.find(label);
        if (from != std::string::npos) return known_dim(in, from);
        require(to != std::string::npos, "'", label, "' of the kernel is in neither input nor output of '", equation,
                "'");
        return stated_dim(e, to);
    }

    /// From the first bias axis to the last axis of the output, 1 where the bias does not vary.
    Shape bias_shape(const ops::Einsum& e, const Shape& out) const {
        std::size_t first = e.y.size();
        for (const char label : *bias_axes) {
            const std::size_t at = e.y.find(label);
            if (at == std::string::npos)
                fail(Code::config, "bias axis '", label, "' is not in the output of '", equation, "'");
            first = std::min(first, at);
        }
        std::vector<std::int64_t> dims;
        for (std::size_t i = first; i < e.y.size(); ++i)
            dims.push_back(bias_axes->find(e.y[i]) == std::string::npos ? 1 : known_dim(out, i));
        return Shape(std::move(dims));
    }
};

LAYERCTL_REGISTER_LAYER(EinsumDense);

}  // namespace
}  // namespace layerctl
