// Multiply-accumulates of layers. Numbers marked "TensorFlow" are half of what its profiler counts for the same layer of
// Keras 2.15; the others are computed by hand from the definition of the layer.
#include <catch2/catch.hpp>

#include "engine/counts_macs.hpp"
#include "tests/engine/layer_fixture.hpp"

using namespace layerctl;

namespace {

std::optional<std::int64_t> macs(const Layer& layer, const Shapes& in) {
    const auto* counting = dynamic_cast<const CountsMacs*>(&layer);
    return counting == nullptr ? std::nullopt : counting->macs(in);
}

std::optional<std::int64_t> macs(const char* class_name, const Value& config, const Shapes& in,
                                 Dialect dialect = Dialect::keras2) {
    return macs(*test::layer(class_name, config, dialect), in);
}

Value object(std::initializer_list<std::pair<std::string, Value>> members) { return Value::object(members); }

Value sizes(std::initializer_list<Value> items) { return Value::array(items); }

Value wrapped(const char* class_name, const Value& config) {
    return object({{"class_name", class_name}, {"config", config}});
}

}  // namespace

TEST_CASE("products of dense layers") {
    CHECK(macs("Dense", object({{"units", 7}}), {{2, 3, 5}}) == 210);  // TensorFlow
    CHECK(macs("TimeDistributed", object({{"layer", wrapped("Dense", object({{"units", 7}}))}}), {{2, 3, 4, 5}}) ==
          840);  // TensorFlow
    const Value heads = object({{"equation", "abc,cde->abde"}, {"output_shape", sizes({nullptr, 4, 6})}});
    CHECK(macs("EinsumDense", heads, {{2, 3, 5}}) == 2 * 3 * 5 * 4 * 6);
    const Value leading = object({{"equation", "...x,xy->...y"}, {"output_shape", 6}});
    CHECK(macs("EinsumDense", leading, {{2, 3, 4, 5}}, Dialect::keras3) == 2 * 3 * 4 * 5 * 6);
    CHECK(macs("Dot", object({{"axes", sizes({2, 1})}}), {{2, 3, 5}, {2, 5, 4}}) == 120);  // TensorFlow
    CHECK(macs("Dot", object({{"axes", 1}}), {{2, 5}, {2, 5}}) == 10);
}

TEST_CASE("products of convolutions") {
    const Value strided =
        object({{"filters", 6}, {"kernel_size", sizes({3, 2})}, {"strides", sizes({2, 2})}, {"padding", "same"}});
    CHECK(macs("Conv2D", strided, {{2, 9, 8, 4}}) == 5760);  // TensorFlow
    Value channels_first = strided;
    channels_first.set("data_format", "channels_first");
    CHECK(macs("Conv2D", channels_first, {{2, 4, 9, 8}}) == 5760);
    const Value grouped = object({{"filters", 6}, {"kernel_size", sizes({3, 3})}, {"groups", 2}});
    CHECK(macs("Conv2D", grouped, {{2, 9, 8, 4}}) == 2 * 7 * 6 * 6 * 9 * 2);
    const Value causal = object(
        {{"filters", 6}, {"kernel_size", sizes({3})}, {"padding", "causal"}, {"dilation_rate", sizes({2})}});
    CHECK(macs("Conv1D", causal, {{2, 9, 4}}) == 2 * 9 * 6 * 3 * 4);
    const Value deep = object({{"filters", 6}, {"kernel_size", sizes({3, 2, 2})}});
    CHECK(macs("Conv3D", deep, {{1, 5, 4, 6, 3}}) == 9720);  // TensorFlow
    const Value depthwise = object({{"kernel_size", sizes({3, 2})}, {"depth_multiplier", 2}});
    CHECK(macs("DepthwiseConv2D", depthwise, {{2, 9, 8, 4}}) == 4704);  // TensorFlow
    const Value separable = object(
        {{"filters", 6}, {"kernel_size", sizes({3, 3})}, {"strides", sizes({2, 2})}, {"depth_multiplier", 2}});
    CHECK(macs("SeparableConv2D", separable, {{2, 9, 8, 4}}) == 1728 + 1152);  // TensorFlow
    const Value transposed =
        object({{"filters", 6}, {"kernel_size", sizes({3, 3})}, {"strides", sizes({2, 2})}, {"padding", "same"}});
    CHECK(macs("Conv2DTranspose", transposed, {{2, 5, 4, 4}}) == 8640);  // TensorFlow
    const Value local = object({{"filters", 6}, {"kernel_size", sizes({3})}});
    CHECK(macs("LocallyConnected1D", local, {{2, 9, 4}}) == 2 * 7 * 6 * 3 * 4);
}

TEST_CASE("products of recurrent layers") {
    const Value six = object({{"units", 6}});
    CHECK(macs("SimpleRNN", six, {{2, 5, 4}}) == 600);  // TensorFlow, as the next two
    CHECK(macs("GRU", six, {{2, 5, 4}}) == 1800);
    CHECK(macs("LSTM", six, {{2, 5, 4}}) == 2400);
    Value time_major = six;
    time_major.set("time_major", true);
    CHECK(macs("LSTM", time_major, {{5, 2, 4}}) == 2400);
    CHECK(macs("Bidirectional", object({{"layer", wrapped("LSTM", six)}}), {{2, 5, 4}}) == 4800);  // TensorFlow
    const Value cells = object({{"cells", sizes({wrapped("LSTMCell", six), wrapped("GRUCell", six)})}});
    CHECK(macs("RNN", object({{"cell", wrapped("StackedRNNCells", cells)}}), {{2, 5, 4}}) == 2400 + 2 * 5 * 12 * 18);
    const Value images = object({{"filters", 3}, {"kernel_size", sizes({3, 3})}, {"strides", sizes({2, 2})}});
    CHECK(macs("ConvLSTM2D", images, {{2, 5, 9, 9, 4}}) == 2 * 5 * (4 * 4) * 9 * (4 + 3) * 12);
}

TEST_CASE("products of attention") {
    CHECK(macs("Attention", object({}), {{2, 3, 5}, {2, 4, 5}}) == 240);  // TensorFlow
    const Value heads = object({{"num_heads", 2}, {"key_dim", 3}, {"value_dim", 4}});
    const std::int64_t queries = 2 * 5 * 8 * 2 * 3, keys = 2 * 7 * 8 * 2 * 3, values = 2 * 7 * 8 * 2 * 4,
                       pairs = 2 * 2 * 5 * 7 * (3 + 4), output = 2 * 5 * 2 * 4 * 8;
    CHECK(macs("MultiHeadAttention", heads, {{2, 5, 8}, {2, 7, 8}}) == queries + keys + values + pairs + output);
    Value rows = heads;
    rows.set("attention_axes", sizes({2}));  // of (batch, 3, 5, 8): every row by itself
    const std::int64_t one_row = 2 * 3 * (5 * 8 * 2 * (3 + 3 + 4) + 2 * 5 * 5 * (3 + 4) + 5 * 2 * 4 * 8);
    CHECK(macs("MultiHeadAttention", rows, {{2, 3, 5, 8}, {2, 3, 5, 8}}) == one_row);
    const Value grouped = object({{"num_query_heads", 4}, {"num_key_value_heads", 2}, {"head_dim", 3}});
    const std::int64_t shared = 5 * 8 * 3 * (4 + 2 + 2) + 4 * 5 * 5 * (3 + 3) + 5 * 4 * 3 * 8;
    CHECK(macs("GroupedQueryAttention", grouped, {{1, 5, 8}, {1, 5, 8}}, Dialect::keras3) == shared);
}

TEST_CASE("layers that do not count") {
    CHECK_FALSE(macs("Activation", object({{"activation", "relu"}}), {{2, 3}}).has_value());
    CHECK_FALSE(macs("Dense", object({{"units", 7}, {"lora_rank", 2}}), {{2, 5}}, Dialect::keras3).has_value());
    const Value wrapper = object({{"layer", wrapped("Activation", object({{"activation", "relu"}}))}});
    CHECK_FALSE(macs("TimeDistributed", wrapper, {{2, 3, 4}}).has_value());
}
