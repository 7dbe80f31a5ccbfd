// EinsumDense: y = activation(einsum(equation, x, kernel) + bias).
#include <algorithm>

#include "engine/layer.hpp"
#include "engine/layers/core/lora.hpp"
#include "engine/ops/activation.hpp"
#include "engine/ops/broadcast.hpp"
#include "engine/ops/einsum.hpp"
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

class EinsumDense final : public Layer {
    OutputShape output_shape;
    std::string equation;
    Activation activation;
    std::optional<std::string> bias_axes;
    Initializer kernel_initializer = Initializer::glorot_uniform();
    Initializer bias_initializer = Initializer::zeros();
    Lora lora{"kernel"};

    void config(ConfigIo& io) override {
        io.required("output_shape", output_shape);
        io.required("equation", equation);
        io.optional("activation", activation);
        io.optional("bias_axes", bias_axes);
        weight_config(io, "kernel", kernel_initializer);
        weight_config(io, "bias", bias_initializer);
        lora.config(io);
        io.only("quantization_config", nullptr);
        io.only("gptq_unpacked_column_size", nullptr);
    }

    WeightSpecs weights(const Shapes& in) const override {
        const ops::Einsum e = parsed(in[0]);
        Shape kernel(std::vector<std::int64_t>(e.b.size()));
        for (std::size_t i = 0; i < e.b.size(); ++i) kernel[i] = kernel_dim(e, in[0], e.b[i]);
        WeightSpecs specs = {{"kernel", kernel, kernel_initializer, !lora.enabled()}};
        if (bias_axes) specs.push_back({"bias", bias_shape(e, output_of_einsum(e, in[0])), bias_initializer});
        lora.add_weights(kernel, specs);
        return specs;
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        return {activated_shape(activation, output_of_einsum(parsed(in[0]), in[0]))};
    }

    void call(const Tensors& x, const Weights& w, Tensors& y) const override {
        y[0] = ops::einsum(parsed(x[0].shape()), x[0], lora.merged(w));
        if (bias_axes)
            with_float(y[0].dtype(), [&]<class T>(Type<T>) { ops::binary<T>(y[0], w["bias"], y[0], std::plus<T>()); });
        ops::apply(activation, y[0]);
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
