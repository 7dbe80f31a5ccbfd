#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <new>

#include "tests/engine/small_models.hpp"
#include "tests/errors.hpp"

using namespace layerctl;
using test::complaint_of;
using test::difference;
using test::one_layer;
using test::waves;

namespace {

std::atomic<std::size_t> allocations = 0;

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++allocations;
    return std::malloc(size == 0 ? 1 : size);
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    ++allocations;
    const auto unit = static_cast<std::size_t>(alignment);
    return std::aligned_alloc(unit, (size + unit - 1) / unit * unit);
}
void* operator new(std::size_t size) {
    if (void* memory = ::operator new(size, std::nothrow)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    if (void* memory = ::operator new(size, alignment, std::nothrow)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace {

std::shared_ptr<const Graph> graph_of(const char* layers) {
    return test::graph_of_json(cat(R"({"class_name": "Sequential", "config": {"name": "s", "layers": [)", layers,
                                   R"(]}, "keras_version": "2.15.0"})"));
}

constexpr const char* chain = R"(
    {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 6, 2], "name": "in"}},
    {"class_name": "Conv1D", "config": {"name": "conv", "filters": 4, "kernel_size": [3], "padding": "same"}},
    {"class_name": "BatchNormalization", "config": {"name": "norm", "axis": [2]}},
    {"class_name": "Dropout", "config": {"name": "drop", "rate": 0.5}},
    {"class_name": "Activation", "config": {"name": "act", "activation": "relu"}},
    {"class_name": "Flatten", "config": {"name": "flat"}},
    {"class_name": "Dense", "config": {"name": "dense", "units": 3}})";

}  // namespace

TEST_CASE("products of any size are those of the layer") {
    for (const std::int64_t units : {1, 3, 8, 9, 16, 17, 33, 70})
        for (const std::int64_t features : {1, 5, 8, 31})
            for (const std::int64_t batch : {1, 2, 6, 7, 13}) {
                CAPTURE(units, features, batch);
                const Model model = one_layer({features}, "Dense", {{"units", units}, {"activation", "tanh"}});
                CHECK(difference(model, waves({batch, features})) < 1e-6F);
            }
}

TEST_CASE("recurrent layers of any size are those of the layer") {
    for (const char* name : {"SimpleRNN", "GRU", "LSTM"})
        for (const std::int64_t units : {1, 7, 8, 17, 40})
            for (const bool backwards : {false, true})
                for (const bool sequences : {false, true}) {
                    CAPTURE(name, units, backwards, sequences);
                    const Model model = one_layer(
                        {5, 3}, name, {{"units", units}, {"go_backwards", backwards}, {"return_sequences", sequences}});
                    CHECK(difference(model, waves({3, 5, 3})) < 1e-6F);
                }
}

TEST_CASE("convolutions of any geometry are those of the layer, and huge gaps take no memory") {
    for (const char* padding : {"valid", "same", "causal"})
        for (const std::int64_t strides : {1, 2, 3})
            for (const std::int64_t gap : {std::int64_t{1}, std::int64_t{2}, std::int64_t{1} << 40}) {
                if (gap > 1 && strides > 1) continue;                      // Keras has no such layer
                if (gap > 9 && padding == std::string("valid")) continue;  // nor an empty output
                CAPTURE(padding, strides, gap);
                const Model model = one_layer({9, 3}, "Conv1D",
                                              {{"filters", 19},
                                               {"kernel_size", 3},
                                               {"strides", strides},
                                               {"dilation_rate", gap},
                                               {"padding", padding}});
                CHECK(difference(model, waves({2, 9, 3})) < 1e-6F);
            }
    for (const char* padding : {"valid", "same"}) {
        CAPTURE(padding);
        const Model model = one_layer({7, 11, 2}, "Conv2D",
                                      {{"filters", 5},
                                       {"kernel_size", Value::Array{2, 3}},
                                       {"strides", Value::Array{2, 1}},
                                       {"padding", padding}});
        CHECK(difference(model, waves({3, 7, 11, 2})) < 1e-6F);
    }
}

TEST_CASE("activations in vectors are those of the layer, for large numbers and none, too") {
    Tensor x = waves({1, 200});
    for (std::size_t i = 0; i < 200; ++i) x.mutable_values<float>()[i] *= static_cast<float>(i) / 8;
    constexpr float infinity = std::numeric_limits<float>::infinity();
    std::size_t place = 0;
    for (const float edge : {0.0F, -0.0F, 88.8F, -88.8F, 105.0F, -105.0F, 1e30F, -1e30F, infinity, -infinity, NAN})
        x.mutable_values<float>()[place += 13] = edge;
    for (const char* name : {"relu", "relu6", "leaky_relu", "sigmoid", "tanh", "exponential", "hard_sigmoid",
                             "hard_silu", "softplus", "softsign", "elu", "selu", "silu", "gelu", "hard_tanh"}) {
        CAPTURE(name);
        const Model model = one_layer({200}, "Activation", {{"activation", name}});
        const Tensor wanted = model.context({.reference = true}).predict({x}).front();
        const Tensor found = model.predict({x}).front();
        for (std::size_t i = 0; i < 200; ++i) {
            const float a = wanted.values<float>()[i], b = found.values<float>()[i];
            CAPTURE(i, x.values<float>()[i], a, b);
            if (std::isnan(a) || std::isinf(a)) CHECK((std::isnan(a) ? std::isnan(b) : a == b));
            else CHECK(std::abs(a - b) <= 1e-6F + 1e-6F * std::abs(a));
        }
    }
}

TEST_CASE("a plan computes a chain in two steps, each pass can be left out, and the arena is small") {
    const auto graph = graph_of(chain);
    const Shapes inputs = {{2, 6, 2}};
    const auto plan_of = [&](const PlanOptions& options) {
        PackedWeights::Store weights;
        Workers alone(1);
        return make_plan(*graph, inputs, options, weights, alone);
    };
    const Plan plan = plan_of({});
    CHECK(test::kernels_of(plan) == std::vector<std::string>{"convolution", "", "elementwise", "", "product"});
    CHECK(plan.steps[1].is_alias);
    CHECK(plan_of({.without = {"fold_scale"}}).steps.size() == 6);
    CHECK(plan_of({.reference = true}).steps.size() == graph->nodes.size());
}

TEST_CASE("kernels of every kind take the factors of what follows them") {
    const auto check = [](const Shape& input, const char* name, Value::Object config, const std::string& kernel) {
        CAPTURE(name, kernel);
        Sequential net("folded");
        net.input(input);
        config.emplace_back("bias_initializer", "random_normal");
        net.add(name, Config(Value(std::move(config))));
        for (int i = 0; i < 2; ++i)
            net.add("BatchNormalization", {{"gamma_initializer", "random_normal"},
                                           {"beta_initializer", "random_normal"},
                                           {"moving_mean_initializer", "random_normal"}});
        const Model model = net.build(7);
        const Shape whole = input.prepended(2);
        CHECK(model.context().kernels({whole}).front().kernel == kernel);
        CHECK(test::kernels_of(model, "Sequential", {whole}).size() == 1);
        CHECK(difference(model, waves(whole)) < 1e-6F);
    };
    const Value::Object square = {{"filters", 32}, {"kernel_size", 3}, {"padding", "same"}};
    check({5}, "Dense", {{"units", 19}}, "product");
    check({9, 9, 3}, "Conv2D", square, "convolution");
    check({12, 12, 32}, "Conv2D", square, "winograd");
    check({128, 32}, "Conv1D", square, "winograd");
    check({9, 9, 4}, "Conv2D", {{"filters", 6}, {"kernel_size", 3}, {"groups", 2}}, "grouped convolution");
    check({9, 9, 4}, "SeparableConv2D", {{"filters", 6}, {"kernel_size", 3}}, "separable");
    check({9, 9, 4}, "DepthwiseConv2D", {{"kernel_size", 3}}, "depthwise");
    check({9, 9, 4}, "Conv2DTranspose", {{"filters", 6}, {"kernel_size", 3}}, "transposed convolution");
}

TEST_CASE("a row times a matrix that no cache holds takes factors, too") {
    Sequential net("large");
    net.input({2100}).add("Dense", {{"units", 2100}});
    net.add("BatchNormalization", {{"gamma_initializer", "random_normal"}});
    CHECK(difference(net.build(7), waves({1, 2100})) < 1e-6F);
}

TEST_CASE("after the first run nothing is allocated") {
    Sequential net("deep");
    net.input({12, 3});
    net.add("Conv1D", {{"filters", 5}, {"kernel_size", 3}, {"padding", "causal"}, {"activation", "relu"}});
    net.add("BatchNormalization");
    net.add("LSTM", {{"units", 9}, {"return_sequences", true}});
    net.add("GRU", {{"units", 4}});
    net.add("Dropout", {{"rate", 0.5}});
    net.add("Dense", {{"units", 2}, {"activation", "softmax"}});
    Context context = net.build(1).context();
    const Tensor x = waves({2, 12, 3});
    context.bind({x});
    const Tensor first = Tensor::from(Shape{2, 2}, context.run().front().values<float>());
    const std::size_t before = allocations;
    const Tensors& outputs = context.run();
    const std::size_t after = allocations;
    CHECK(after == before);
    CHECK(identical(outputs.front(), first));
}

TEST_CASE("a bound run reads its inputs as they are, and outputs that were kept stay") {
    const Model model = one_layer({4}, "Dense", {{"units", 3}});
    Context context = model.context();
    CHECK(complaint_of([&] { context.run(); }).find("bind") != std::string::npos);
    Tensor x = waves({1, 4});
    float* numbers = x.mutable_values<float>().data();
    context.bind({x});
    const Tensor first = context.run().front();
    numbers[0] += 1;
    const Tensor second = context.run().front();
    CHECK_FALSE(identical(first, second));
    CHECK(identical(second, model.predict({x}).front()));
    CHECK(complaint_of([&] { model.context({.without_passes = {"fold_scales"}}); }).find("did you mean 'fold_scale'") !=
          std::string::npos);
}

TEST_CASE("a bound run that failed leaves nothing behind") {
    Sequential net("fails");
    net.input({1});
    net.add("Activation", {{"activation", "relu"}});
    net.add("Embedding", {{"input_dim", 2}, {"output_dim", 4}});
    const Model model = net.build(2);
    Tensor x(DType::float32, {1, 1});
    float* number = x.mutable_values<float>().data();
    Context context = model.context();
    context.bind({x});
    *number = 9;
    CHECK_FALSE(complaint_of([&] { context.run(); }).empty());
    *number = 1;
    CHECK(identical(context.run().front(), model.predict({x}).front()));
}

TEST_CASE("Winograd computes 3×3 convolutions of any size, and not where exact sums are asked for") {
    for (const char* padding : {"valid", "same"})
        for (const Shape& size : {Shape{2, 12, 12}, Shape{1, 9, 31}, Shape{3, 14, 8}, Shape{1, 40, 40}})
            for (const auto& [channels, filters] : {std::pair<std::int64_t, std::int64_t>{32, 32}, {24, 41}}) {
                CAPTURE(padding, size, channels, filters);
                const Model model = one_layer({size[1], size[2], channels}, "Conv2D",
                                              {{"filters", filters},
                                               {"kernel_size", 3},
                                               {"padding", padding},
                                               {"activation", "relu"},
                                               {"bias_initializer", "random_normal"}});
                const Shape shape{size[0], size[1], size[2], channels};
                CHECK(model.context().kernels({shape}).front().kernel == "winograd");
                CHECK(model.context({.exact = true}).kernels({shape}).front().kernel == "convolution");
                CHECK(difference(model, waves(shape)) < 1e-5F);
            }
    for (const char* padding : {"valid", "same", "causal"})
        for (const std::int64_t gap : {1, 2, 7})
            for (const std::int64_t length : {84, 128}) {
                CAPTURE(padding, gap, length);
                const Model model = one_layer({length, 32}, "Conv1D",
                                              {{"filters", 43},
                                               {"kernel_size", 3},
                                               {"dilation_rate", gap},
                                               {"padding", padding},
                                               {"activation", "tanh"},
                                               {"bias_initializer", "random_normal"}});
                const Shape shape{3, length, 32};
                CHECK(model.context().kernels({shape}).front().kernel == "winograd");
                CHECK(model.context({.exact = true}).kernels({shape}).front().kernel == "convolution");
                CHECK(difference(model, waves(shape)) < 1e-5F);
            }
}
namespace {

/// The kernels of a model: layers without one are "".
std::vector<std::string> kernels_of(const Model& model, const Shapes& inputs) {
    std::vector<std::string> names;
    for (const LayerKernel& kernel : model.context().kernels(inputs)) names.push_back(kernel.kernel);
    return names;
}

/// One layer for several inputs, built as Keras' functional API calls it.
Model one_call(const Shapes& inputs, const std::string& class_name, const Config& config) {
    Functional net("one");
    std::vector<Functional::Symbol> symbols;
    for (const Shape& input : inputs) symbols.push_back(net.input(input));
    return net.build(symbols, {net.call(class_name, config, symbols)}, 3);
}

Shapes in_batches(Shapes shapes, std::int64_t batch) {
    for (Shape& shape : shapes) shape = shape.prepended(batch);
    return shapes;
}

/// No layer of it computes, and the kernels compute the same.
void check_kernels(const Model& model, const Shapes& inputs, float tolerance = 1e-6F) {
    const std::vector<std::string> kernels = kernels_of(model, inputs);
    CHECK(std::count(kernels.begin(), kernels.end(), "") == 0);
    Tensors x;
    for (const Shape& shape : inputs) x.push_back(waves(shape));
    const Tensors wanted = model.context({.reference = true}).predict(x);
    const Tensors found = model.predict(x);
    REQUIRE(found.size() == wanted.size());
    for (std::size_t k = 0; k < found.size(); ++k) {
        REQUIRE(found[k].shape() == wanted[k].shape());
        float most = 0;
        for (std::size_t i = 0; i < found[k].elements(); ++i)
            most = std::max(most, std::abs(found[k].values<float>()[i] - wanted[k].values<float>()[i]));
        CHECK(most < tolerance);
    }
}

Value wrapped(const std::string& class_name, const Config& config) {
    return Value::object({{"module", "keras.layers"}, {"class_name", class_name}, {"config", config.value()}});
}

}  // namespace

TEST_CASE("rows of a table are taken for ids of any kind, and ids of none are refused by the layer") {
    for (const DType dtype : {DType::int32, DType::int64, DType::float32}) {
        CAPTURE(dtype);
        Sequential net("ids");
        net.input({3}, dtype).add("Embedding", {{"input_dim", 7}, {"output_dim", 5}});
        const Model model = net.build(1);
        CHECK(kernels_of(model, {{2, 3}}) == std::vector<std::string>{"gather"});
        const auto predict = [&](std::vector<float> ids, bool reference) {
            return model.context({.reference = reference}).predict({Tensor::from({2, 3}, ids).cast(dtype)}).front();
        };
        const std::vector<float> good = {0, 6, 1.75F, 5, -1, -7};
        CHECK(identical(predict(good, false), predict(good, true)));
        for (const float bad : {7.0F, -8.0F, 1e30F, NAN}) {
            if (dtype != DType::float32 && !(std::abs(bad) < 100)) continue;
            CAPTURE(bad);
            const std::string complaint = complaint_of([&] { predict({0, 1, 2, 3, 4, bad}, false); });
            CHECK_FALSE(complaint.empty());
            CHECK(complaint == complaint_of([&] { predict({0, 1, 2, 3, 4, bad}, true); }));
        }
    }
}

TEST_CASE("rows of any length are normalized, on hills, too") {
    for (const std::int64_t n : {1, 3, 8, 15, 16, 17, 64, 100})
        for (const char* name : {"LayerNormalization", "RMSNormalization"}) {
            CAPTURE(n, name);
            check_kernels(one_layer({3, n}, name, {}), {{2, 3, n}});
        }
    check_kernels(one_layer({3, 4, 5}, "LayerNormalization", {{"axis", Value::Array{2, 3}}, {"scale", false}}),
                  {{2, 3, 4, 5}});
    Tensor hills = waves({4, 33});
    for (float& value : hills.mutable_values<float>()) value += 1e4F;
    CHECK(difference(one_layer({33}, "LayerNormalization", {{"epsilon", 1e-6}}), hills) < 1e-5F);
    for (const Value& axis : {Value(1), Value(-2), Value(Value::Array{2, 3}), Value(Value::Array{1, 2, 3})})
        check_kernels(one_layer({3, 4, 5}, "Softmax", {{"axis", axis}}), {{2, 3, 4, 5}});
}

TEST_CASE("recurrent layers in two directions, from given states and of every kind are those of the layer") {
    for (const char* name : {"SimpleRNN", "GRU", "LSTM"})
        for (const std::int64_t units : {1, 8, 19})
            for (const bool sequences : {false, true}) {
                CAPTURE(name, units, sequences);
                const Config config = {{"units", units}, {"return_sequences", sequences}, {"return_state", true}};
                for (const Value& mode : {Value("concat"), Value("sum"), Value("mul"), Value("ave")})
                    check_kernels(
                        one_call({{5, 3}}, "Bidirectional", {{"layer", wrapped(name, config)}, {"merge_mode", mode}}),
                        {{3, 5, 3}});
                Shapes inputs = {{5, 3}, {units}};
                if (name == std::string("LSTM")) inputs.push_back({units});
                check_kernels(one_call(inputs, name, config), in_batches(inputs, 2));
            }
    for (const std::int64_t units : {1, 8, 19})
        for (const bool use_bias : {false, true})
            for (const bool sequences : {false, true}) {
                CAPTURE(units, use_bias, sequences);
                check_kernels(one_layer({5, 3}, "GRU",
                                        {{"units", units},
                                         {"reset_after", false},
                                         {"use_bias", use_bias},
                                         {"bias_initializer", "random_normal"},
                                         {"return_sequences", sequences}}),
                              {{3, 5, 3}});
            }
}

TEST_CASE("attention of any size is that of the layer") {
    for (const std::int64_t queries : {1, 5, 13})
        for (const std::int64_t positions : {1, 7, 40})
            for (const std::int64_t size : {1, 8, 17}) {
                CAPTURE(queries, positions, size);
                const Config config = {{"num_heads", 3}, {"key_dim", size}, {"value_dim", 21}, {"output_shape", 6}};
                const Shapes inputs = {{queries, 4}, {positions, 5}};
                check_kernels(one_call(inputs, "MultiHeadAttention", config), in_batches(inputs, 2));
                const Shapes plain = {{queries, size}, {positions, 3}, {positions, size}};
                check_kernels(one_call(plain, "Attention", {{"use_scale", true}}), in_batches(plain, 2));
            }
    const Shapes images = {{2, 5, 7}, {2, 3, 7}};
    const Config along_rows = {{"num_heads", 2}, {"key_dim", 4}, {"attention_axes", 2}};
    check_kernels(one_call(images, "MultiHeadAttention", along_rows), in_batches(images, 3));
    check_kernels(one_call(images, "MultiHeadAttention", {{"num_heads", 2}, {"key_dim", 4}}), in_batches(images, 3));
    const Config grouped = {{"head_dim", 4}, {"num_query_heads", 6}, {"num_key_value_heads", 2}};
    check_kernels(one_call({{9, 8}, {11, 8}}, "GroupedQueryAttention", grouped), {{2, 9, 8}, {2, 11, 8}});
}

TEST_CASE("contractions, steps of time and moved axes are those of the layer") {
    const auto einsum = [](const char* equation, Value output, const char* bias, const char* activation) {
        return Config{{"equation", equation},
                      {"output_shape", std::move(output)},
                      {"bias_axes", bias},
                      {"bias_initializer", "random_normal"},
                      {"activation", activation}};
    };
    const Value open = Value::Array{Value(), 9}, heads = Value::Array{Value(), 2, 7};
    check_kernels(one_layer({3, 4}, "EinsumDense", einsum("abc,cd->abd", open, "d", "softmax")), {{2, 3, 4}});
    check_kernels(one_layer({3, 4}, "EinsumDense", einsum("abc,dc->abd", open, "d", "relu")), {{2, 3, 4}});
    check_kernels(one_layer({3, 4}, "EinsumDense", einsum("abc,cde->abde", heads, "de", "tanh")), {{2, 3, 4}});
    check_kernels(one_layer({3, 4}, "EinsumDense", einsum("abc,ecd->abde", heads, "e", "tanh")), {{2, 3, 4}});
    check_kernels(one_layer({3, 4, 5}, "EinsumDense", einsum("abcd,cde->abe", open, "e", "relu")), {{2, 3, 4, 5}});
    const auto steps = [](const char* name, const Config& config, const Shape& input) {
        check_kernels(one_layer(input, "TimeDistributed", {{"layer", wrapped(name, config)}}), {input.prepended(2)});
    };
    steps("Dense", {{"units", 5}, {"activation", "softmax"}}, {3, 4});
    steps("Conv2D", {{"filters", 5}, {"kernel_size", 3}, {"activation", "relu"}}, {3, 6, 7, 2});
    steps("Flatten", {}, {3, 6, 2});
    steps("LSTM", {{"units", 5}}, {3, 6, 2});
    steps("Permute", {{"dims", Value::Array{2, 1}}}, {3, 6, 2});
    check_kernels(one_layer({3, 4, 5}, "Permute", {{"dims", Value::Array{2, 3, 1}}}), {{2, 3, 4, 5}});
    check_kernels(one_layer({3, 4, 5}, "Permute", {{"dims", Value::Array{2, 1, 3}}}), {{2, 3, 4, 5}});
    check_kernels(one_layer({5}, "RepeatVector", {{"n", 3}}), {{2, 5}});
    check_kernels(one_layer({1}, "RepeatVector", {{"n", 3}}), {{2, 1}});
}

TEST_CASE("convolutional recurrent layers of any size are those of the layer") {
    for (const std::int64_t filters : {1, 5, 17})
        for (const bool sequences : {false, true})
            for (const bool backwards : {false, true}) {
                CAPTURE(filters, sequences, backwards);
                check_kernels(one_layer({3, 6, 7, 2}, "ConvLSTM2D",
                                        {{"filters", filters},
                                         {"kernel_size", 3},
                                         {"padding", sequences ? "same" : "valid"},
                                         {"strides", backwards ? 2 : 1},
                                         {"go_backwards", backwards},
                                         {"return_sequences", sequences}}),
                              {{2, 3, 6, 7, 2}});
            }
    check_kernels(one_layer({3, 9, 2}, "ConvLSTM1D", {{"filters", 4}, {"kernel_size", 3}}), {{2, 3, 9, 2}});
    check_kernels(one_layer({3, 4, 5, 6, 2}, "ConvLSTM3D", {{"filters", 4}, {"kernel_size", 2}}), {{2, 3, 4, 5, 6, 2}});
}

TEST_CASE("kernels of sequence models allocate nothing after the first run, and ids of no row spoil no later one") {
    Functional net("deep");
    const auto ids = net.input({6}, DType::int32);
    auto x = net.call("Embedding", {{"input_dim", 9}, {"output_dim", 8}}, {ids});
    x = net.call("MultiHeadAttention", {{"num_heads", 2}, {"key_dim", 4}}, {x, x});
    x = net.call("LayerNormalization", {}, {x});
    const Config gru = {{"units", 3}, {"reset_after", false}, {"return_sequences", true}};
    x = net.call("Bidirectional", {{"layer", wrapped("GRU", gru)}, {"merge_mode", "sum"}}, {x});
    x = net.call("TimeDistributed", {{"layer", wrapped("Dense", {{"units", 4}})}}, {x});
    x = net.call("Permute", {{"dims", Value::Array{2, 1}}}, {x});
    x = net.call("Reshape", {{"target_shape", Value::Array{2, 2, 6, 1}}}, {x});
    x = net.call("ConvLSTM2D", {{"filters", 2}, {"kernel_size", 2}}, {x});
    Context context = net.build({ids}, {x}, 1).context();
    Tensor numbers = Tensor::from(Shape{1, 6}, std::vector<std::int32_t>{1, 0, 8, 3, 3, 5});
    std::int32_t* first = numbers.mutable_values<std::int32_t>().data();
    context.bind({numbers});
    const Tensor wanted = Tensor::from(context.run().front().shape(), context.run().front().values<float>());
    const std::size_t before = allocations;
    context.run();
    const std::size_t after = allocations;
    CHECK(after == before);
    *first = 9;
    CHECK_FALSE(complaint_of([&] { context.run(); }).empty());
    *first = 1;
    CHECK(identical(context.run().front(), wanted));
}

TEST_CASE("plans for other shapes find the weights that the first one packed") {
    const auto graph = graph_of(chain);
    PackedWeights::Store weights;
    Workers alone(1);
    make_plan(*graph, {{2, 6, 2}}, {}, weights, alone);
    const auto first = weights.made;
    make_plan(*graph, {{5, 6, 2}}, {}, weights, alone);
    CHECK(first.size() == 2);
    CHECK(weights.made == first);
}

namespace {

/// Ids of which 0 hides: in front, behind, in between, nowhere and everywhere.
Tensor padded_ids() {
    return Tensor::from(Shape{5, 7}, std::vector<std::int32_t>{0, 0, 3, 1, 4, 8, 2, 5, 6, 7, 0, 0, 0, 0, 1, 0, 2, 0,
                                                               0, 5, 6, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0});
}

/// Layers over the embedding of such ids: computed without a layer, which would allocate, as the layers do.
void check_masked(const std::vector<std::pair<std::string, Config>>& layers) {
    Sequential net("masked");
    net.input({7}, DType::int32);
    net.add("Embedding", {{"input_dim", 9}, {"output_dim", 3}, {"mask_zero", true}});
    for (const auto& [name, config] : layers) net.add(name, config);
    const Model model = net.build(5);
    Context context = model.context();
    context.bind({padded_ids()});
    const Tensor& found = context.run().front();
    const Tensor first = Tensor::from(found.shape(), found.values<float>());
    const std::size_t before = allocations;
    context.run();
    const std::size_t after = allocations;
    CHECK(after == before);
    const Tensor wanted = model.context({.reference = true}).predict({padded_ids()}).front();
    REQUIRE(first.shape() == wanted.shape());
    for (std::size_t i = 0; i < first.elements(); ++i)
        CHECK(std::abs(first.values<float>()[i] - wanted.values<float>()[i]) < 1e-6F);
}

}  // namespace

TEST_CASE("recurrent layers heed masks in their kernels, and masks pass through other kernels") {
    const std::pair<std::string, Config> dense = {"Dense", {{"units", 4}, {"activation", "relu"}}};
    const std::pair<std::string, Config> steps = {"TimeDistributed", {{"layer", wrapped("Dense", {{"units", 3}})}}};
    for (const char* name : {"SimpleRNN", "GRU", "LSTM"})
        for (const std::int64_t units : {1, 8, 19})
            for (const bool backwards : {false, true})
                for (const bool sequences : {false, true}) {
                    CAPTURE(name, units, backwards, sequences);
                    const auto config = [&](bool turns, bool zero) {
                        return Config{{"units", units},
                                      {"go_backwards", turns},
                                      {"return_sequences", sequences},
                                      {"zero_output_for_mask", zero}};
                    };
                    check_masked({dense, {"Dropout", {{"rate", 0.5}}}, {name, config(backwards, false)}});
                    check_masked({steps, {"LayerNormalization", {}}, {name, config(backwards, true)}});
                    if (backwards) continue;
                    const Value inner = wrapped(name, config(false, false));
                    for (const char* mode : {"concat", "sum"})
                        check_masked({{"Bidirectional", {{"layer", inner}, {"merge_mode", mode}}}});
                }
    check_masked(
        {{"GRU", {{"units", 5}, {"reset_after", false}, {"return_sequences", true}}}, {"LSTM", {{"units", 6}}}, dense});
}

TEST_CASE("masked steps keep given states, and show zeros before the first one that counts") {
    for (const bool sequences : {false, true}) {
        Functional net("states");
        const auto x = net.input({4, 2});
        const auto h = net.input({3}), c = net.input({3});
        const auto masked = net.call("Masking", {{"mask_value", 2}}, {x});
        const Config lstm = {{"units", 3}, {"return_sequences", sequences}, {"return_state", true}};
        const Model model = net.build({x, h, c}, {net.call("LSTM", lstm, {masked, h, c})}, 4);
        CHECK(kernels_of(model, {{2, 4, 2}, {2, 3}, {2, 3}}) == std::vector<std::string>{"mask_rows", "recurrence"});
        Tensor rows = waves({2, 4, 2});
        for (const std::size_t i : std::initializer_list<std::size_t>{0, 1, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
            rows.mutable_values<float>()[i] = 2;
        CHECK(difference(model, {rows, waves({2, 3}), waves({2, 3})}) < 1e-6F);
    }
}

TEST_CASE("kernels of stateful layers go on where the last run ended") {
    for (const char* name : {"SimpleRNN", "GRU", "LSTM"})
        for (const bool both_ways : {false, true}) {
            CAPTURE(name, both_ways);
            const Config config = {{"units", 5}, {"stateful", true}, {"return_sequences", true}};
            const Model model = both_ways ? one_layer({4, 3}, "Bidirectional", {{"layer", wrapped(name, config)}})
                                          : one_layer({4, 3}, name, config);
            CHECK(kernels_of(model, {{2, 4, 3}}) == std::vector<std::string>{"recurrence"});
            Context found = model.context(), wanted = model.context({.reference = true});
            for (int run = 0; run < 3; ++run) {
                const Tensor a = found.predict({waves({2, 4, 3})}).front();
                const Tensor b = wanted.predict({waves({2, 4, 3})}).front();
                for (std::size_t i = 0; i < a.elements(); ++i)
                    CHECK(std::abs(a.values<float>()[i] - b.values<float>()[i]) < 1e-6F);
            }
        }
}
