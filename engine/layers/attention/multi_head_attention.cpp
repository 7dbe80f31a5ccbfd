// MultiHeadAttention: attention of as many heads for keys and values as for queries, along any axes.
#include "engine/layers/attention/head_attention.hpp"
#include "engine/ops/axes.hpp"

namespace layerctl {
namespace {

class MultiHeadAttention final : public HeadAttention {
    std::int64_t num_heads = 0;
    std::int64_t key_dim = 0;
    std::optional<std::int64_t> value_dim;
    std::optional<AxisList> output_shape;
    std::optional<AxisList> attention_axes;

    void config(ConfigIo& io) override {
        io.required("num_heads", num_heads, positive);
        io.required("key_dim", key_dim, positive);
        io.optional("value_dim", value_dim);
        io.optional("output_shape", output_shape,
                    [](const std::optional<AxisList>& dims) { return dims ? positive(dims->values) : nullptr; });
        io.optional("attention_axes", attention_axes);
        shared_config(io);
        for (const char* key : {"query_shape", "key_shape", "value_shape"}) io.ignored(key);
    }

    std::int64_t heads() const override { return num_heads; }
    std::int64_t key_size() const override { return key_dim; }
    std::int64_t value_size() const override { return value_dim.value_or(0) > 0 ? *value_dim : key_dim; }

    Shape output_dims(const Shape& query_shape) const override {
        if (output_shape && !output_shape->values.empty()) return Shape(output_shape->values);
        return HeadAttention::output_dims(query_shape);
    }

    std::vector<std::size_t> attended(const Shape& query_shape) const override {
        if (!attention_axes) return HeadAttention::attended(query_shape);
        const std::size_t inner = query_shape.rank() - 1;  // neither batch nor features: [1, inner)
        std::vector<std::size_t> axes;
        for (const std::int64_t axis : attention_axes->values) {
            axes.push_back(resolve_axis(axis, inner + 1));
            if (axes.back() == 0 || axes.back() >= inner)
                fail(Code::config, "attention_axes: wanted axes between batch and features");
        }
        return axes;
    }

    bool heeds_query_mask() const override { return false; }

    // Keras 3 (3.8 and later) deletes the masks of the tensors it has read.
    bool takes_masks_off() const override { return context().dialect == Dialect::keras3; }
};

LAYERCTL_REGISTER_LAYER(MultiHeadAttention);

}  // namespace
}  // namespace layerctl
