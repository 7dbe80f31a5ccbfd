// GroupedQueryAttention: groups of query heads that share one head of keys and values.
#include "engine/layers/attention/head_attention.hpp"

namespace layerctl {
namespace {

class GroupedQueryAttention final : public HeadAttention {
    std::int64_t head_dim = 0;
    std::int64_t num_query_heads = 0;
    std::int64_t num_key_value_heads = 0;

    void config(ConfigIo& io) override {
        io.required("head_dim", head_dim, positive);
        io.required("num_query_heads", num_query_heads, positive);
        io.required("num_key_value_heads", num_key_value_heads, positive);
        shared_config(io);
    }

    std::int64_t heads() const override { return num_query_heads; }
    std::int64_t key_value_heads() const override { return num_key_value_heads; }
    std::int64_t key_size() const override { return head_dim; }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(!in.empty() && in[query].rank() == 3, "query must have rank 3, found shapes ", in);
        if (num_query_heads % num_key_value_heads != 0)
            fail(Code::config, "num_query_heads: wanted a multiple of num_key_value_heads, found ", num_query_heads,
                 " and ", num_key_value_heads);
        return HeadAttention::compute_output_shape(in);
    }
};

LAYERCTL_REGISTER_LAYER(GroupedQueryAttention);
LAYERCTL_REGISTER_ALIAS(GroupedQueryAttention, GroupQueryAttention);

}  // namespace
}  // namespace layerctl
