#include "api/threads.hpp"
#include "tests/engine/small_models.hpp"

using namespace layerctl;
using test::difference;
using test::kernels_of;
using test::one_layer;
using test::waves;

namespace {

using Names = std::vector<std::string>;

Value pair(std::int64_t a, std::int64_t b) { return Value::Array{a, b}; }

Names kernels_of_one(const Model& model, const Shape& input) { return kernels_of(model, "Sequential", {input}); }

/// Of a model that merges inputs of these shapes.
Model merged(const std::string& class_name, const Config& config, const Shapes& shapes) {
    Functional net("merged");
    std::vector<Functional::Symbol> inputs;
    for (const Shape& shape : shapes) inputs.push_back(net.input(shape));
    return net.build(inputs, {net.call(class_name, config, inputs)});
}

/// Equal, infinities and NaN included, or next to it.
bool are_close(const Tensor& wanted, const Tensor& found) {
    for (std::size_t i = 0; i < wanted.elements(); ++i) {
        const float a = wanted.values<float>()[i], b = found.values<float>()[i];
        if (std::isnan(a) ? !std::isnan(b) : a != b && !(std::abs(a - b) < 1e-6F)) return false;
    }
    return wanted.shape() == found.shape();
}

constexpr float infinity = std::numeric_limits<float>::infinity();

Tensors batches(const Shapes& shapes, std::int64_t batch) {
    Tensors out;
    for (const Shape& shape : shapes) out.push_back(waves(shape.prepended(batch)));
    return out;
}

}  // namespace

TEST_CASE("depthwise and separable convolutions of any geometry are those of the layer") {
    for (const std::int64_t channels : {1, 3, 8, 13, 40, 67})
        for (const char* padding : {"valid", "same"})
            for (const std::int64_t stride : {1, 2, 3})
                for (const std::int64_t gap : {1, 2}) {
                    if (stride > 1 && gap > 1) continue;  // Keras has no such layer
                    CAPTURE(channels, padding, stride, gap);
                    const Shape image = {7, 15, channels};
                    Value::Object config = {{"kernel_size", pair(3, 2)},
                                            {"strides", stride},
                                            {"dilation_rate", gap},
                                            {"padding", padding},
                                            {"activation", "tanh"}};
                    const Model depthwise = one_layer(image, "DepthwiseConv2D", Config(config));
                    CHECK(kernels_of_one(depthwise, image.prepended(2)) == Names{"depthwise"});
                    CHECK(difference(depthwise, waves(image.prepended(2))) < 1e-6F);
                    config.emplace_back("filters", 5);
                    const Model separable = one_layer(image, "SeparableConv2D", Config(config));
                    CHECK(kernels_of_one(separable, image.prepended(2)) == Names{"separable"});
                    CHECK(difference(separable, waves(image.prepended(2))) < 1e-6F);
                }
    for (const std::int64_t steps : {1, 2, 9, 70}) {  // windows with no step inside, borders that meet
        CAPTURE(steps);
        const Model model = one_layer({steps, 9}, "DepthwiseConv1D",
                                      {{"kernel_size", 7}, {"padding", "same"}, {"dilation_rate", 3}});
        CHECK(difference(model, waves({3, steps, 9})) < 1e-6F);
    }
}

TEST_CASE("a depthwise convolution between products of pixels is computed strip by strip") {
    struct Geometry {
        std::int64_t size, stride, gap, margin;
        const char* padding;
    };
    const int before = threads();
    for (const Geometry& geometry :
         {Geometry{3, 1, 1, 0, "same"}, Geometry{5, 1, 2, 0, "same"}, Geometry{3, 2, 1, 1, "valid"},
          Geometry{2, 3, 1, 0, "valid"}, Geometry{1, 3, 1, 0, "same"}, Geometry{3, 1, 1, 40, "valid"}})
        for (const bool is_projected : {true, false}) {
            CAPTURE(geometry.size, geometry.stride, geometry.gap, geometry.margin, is_projected);
            Sequential net("inverted");
            net.input({61, 64, 5});
            net.add("Conv2D", {{"filters", 48}, {"kernel_size", 1}, {"activation", "tanh"}});
            net.add("ZeroPadding2D", {{"padding", geometry.margin}});
            net.add("DepthwiseConv2D", {{"kernel_size", geometry.size},
                                        {"strides", geometry.stride},
                                        {"dilation_rate", geometry.gap},
                                        {"padding", geometry.padding},
                                        {"activation", "relu6"}});
            if (is_projected) net.add("Conv2D", {{"filters", 7}, {"kernel_size", 1}});
            const Model model = net.build(3);
            CHECK(kernels_of_one(model, {1, 61, 64, 5}) == Names{"expanded depthwise"});
            const Tensor x = waves({3, 61, 64, 5});
            CHECK(difference(model, x) < 2e-6F);
            CHECK(difference(model, x.rows(1, 2)) < 2e-6F);
            const RunOptions whole = {.without_passes = {"split_batch"}};
            CHECK(are_close(model.context(whole).predict({x}).front(), model.predict({x}).front()));
            set_threads(1);
            const Tensor alone = model.predict({x}).front();
            set_threads(3);
            CHECK(are_close(alone, model.predict({x}).front()));
            set_threads(before);
        }
}

TEST_CASE("pooling is that of the layer, padding, NaN and infinities included") {
    Tensor x = waves({2, 6, 9, 11});
    std::size_t place = 0;
    for (const float edge : {NAN, infinity, -infinity, NAN, -infinity}) x.mutable_values<float>()[place += 97] = edge;
    for (float& value : x.mutable_values<float>().subspan(700, 220)) value = -infinity;
    const auto same = [&](const char* name, const Config& config) {
        CAPTURE(name);
        const Model model = one_layer({6, 9, 11}, name, config);
        const Names kernels = kernels_of_one(model, x.shape());
        CHECK((kernels == Names{"pool"} || kernels == Names{"reduce"}));
        CHECK(are_close(model.context({.reference = true}).predict({x}).front(), model.predict({x}).front()));
    };
    for (const char* name : {"MaxPooling2D", "AveragePooling2D"})
        for (const char* padding : {"valid", "same"})
            for (const std::int64_t stride : {1, 2})
                same(name, {{"pool_size", pair(3, 2)}, {"strides", stride}, {"padding", padding}});
    for (const char* name : {"GlobalMaxPooling2D", "GlobalAveragePooling2D"})
        for (const bool keepdims : {false, true}) same(name, {{"keepdims", keepdims}});
    const Model mean = one_layer({3000, 2}, "GlobalAveragePooling1D", {});
    CHECK(difference(mean, waves({2, 3000, 2})) < 1e-7F);
}

TEST_CASE("merges with and without repeated axes are those of the layer") {
    const std::vector<Shapes> all = {{{5, 6, 9}, {5, 6, 9}},          {{5, 6, 9}, {1, 1, 9}, {5, 6, 9}},
                                     {{9}, {5, 6, 9}},                {{5, 1, 9}, {1, 6, 1}},
                                     {{70, 80, 3}, {70, 80, 3}, {1}}, {{1, 1}, {1, 1}},
                                     {{5, 6, 1}, {5, 6, 33}}};
    for (const char* name : {"Add", "Multiply", "Subtract", "Average", "Maximum", "Minimum"})
        for (const Shapes& shapes : all) {
            if (shapes.size() > 2 && name == std::string("Subtract")) continue;
            CAPTURE(name, shapes);
            const Model model = merged(name, {}, shapes);
            Tensors x = batches(shapes, 2);
            x[0].mutable_values<float>()[1] = NAN;
            x[1].mutable_values<float>()[0] = NAN;
            x[1].mutable_values<float>()[1] = infinity;
            Shapes given;
            for (const Tensor& tensor : x) given.push_back(tensor.shape());
            CHECK(kernels_of(model, "Functional", given) == Names{"combine"});
            CHECK(are_close(model.context({.reference = true}).predict(x).front(), model.predict(x).front()));
        }
    const Model joined = merged("Concatenate", {{"axis", 2}}, {{3, 4, 5}, {3, 1, 5}, {3, 7, 5}});
    CHECK(difference(joined, batches({{3, 4, 5}, {3, 1, 5}, {3, 7, 5}}, 2)) == 0);
}

TEST_CASE("margins are those of the layer, and convolutions take zeros in") {
    for (const char* name : {"ZeroPadding2D", "Cropping2D"})
        for (const char* format : {"channels_last", "channels_first"}) {
            CAPTURE(name, format);
            const std::string key = name == std::string("Cropping2D") ? "cropping" : "padding";
            const Value margins = Value::Array{pair(1, 0), pair(2, 3)};
            const Model model = one_layer({6, 8, 7}, name, {{key, margins}, {"data_format", format}});
            CHECK(kernels_of_one(model, {2, 6, 8, 7}) == Names{"pad"});
            CHECK(difference(model, waves({2, 6, 8, 7})) == 0);
        }
    for (const char* name : {"Conv2D", "DepthwiseConv2D"}) {
        CAPTURE(name);
        Sequential net("padded");
        net.input({6, 9, 8});
        net.add("ZeroPadding2D", {{"padding", Value::Array{pair(1, 0), pair(2, 3)}}});
        Value::Object config = {{"kernel_size", 3}, {"strides", 2}, {"padding", "same"}};
        if (name == std::string("Conv2D")) config.emplace_back("filters", 4);
        net.add(name, Config(config));
        net.add("BatchNormalization");
        net.add("ReLU");
        const Model model = net.build(1);
        CHECK(kernels_of_one(model, {2, 6, 9, 8}).size() == 1);
        CHECK(difference(model, waves({2, 6, 9, 8})) < 1e-6F);
    }
    Sequential net("pooled");
    net.input({6, 9, 8});
    net.add("ZeroPadding2D");
    net.add("MaxPooling2D");
    CHECK(kernels_of_one(net.build(1), {1, 6, 9, 8}) == Names{"pad", "pool"});
}

TEST_CASE("transposed convolutions of any geometry are those of the layer") {
    for (const char* padding : {"valid", "same"})
        for (const std::int64_t size : {1, 2, 3})
            for (const std::int64_t stride : {1, 2, 3})
                for (const std::int64_t gap : {1, 2}) {
                    if (stride > 1 && gap > 1) continue;  // Keras has no such layer
                    CAPTURE(padding, size, stride, gap);
                    Value::Object config = {{"filters", 5},     {"kernel_size", size},    {"strides", stride},
                                            {"padding", padding}, {"activation", "relu"}, {"dilation_rate", gap}};
                    const Model image = one_layer({4, 7, 3}, "Conv2DTranspose", Config(config));
                    CHECK(kernels_of_one(image, {2, 4, 7, 3}) == Names{"transposed convolution"});
                    CHECK(difference(image, waves({2, 4, 7, 3})) < 1e-6F);
                }
    Sequential net("normalized");
    net.input({3, 4, 5, 2});
    net.add("Conv3DTranspose", {{"filters", 3}, {"kernel_size", 2}, {"strides", 2}});
    net.add("BatchNormalization");
    net.add("LeakyReLU");
    const Model volume = net.build(1);
    CHECK(kernels_of_one(volume, {2, 3, 4, 5, 2}) == Names{"transposed convolution"});
    CHECK(difference(volume, waves({2, 3, 4, 5, 2})) < 1e-6F);
    const Model long_row = one_layer({40000, 2}, "Conv1DTranspose",
                                     {{"filters", 2}, {"kernel_size", 4}, {"strides", 2}, {"padding", "same"}});
    CHECK(difference(long_row, waves({1, 40000, 2})) < 1e-6F);
}

TEST_CASE("convolutions in groups are those of the layer, infinite numbers stay in theirs") {
    for (const std::int64_t groups : {2, 3, 6})
        for (const std::int64_t strides : {1, 2}) {
            CAPTURE(groups, strides);
            const Model model = one_layer({9, 8, 12}, "Conv2D",
                                          {{"filters", 18},
                                           {"kernel_size", 3},
                                           {"strides", strides},
                                           {"padding", "same"},
                                           {"groups", groups},
                                           {"activation", "elu"}});
            Tensor x = waves({2, 9, 8, 12});
            CHECK(kernels_of_one(model, x.shape()) == Names{"grouped convolution"});
            CHECK(difference(model, x) < 1e-6F);
            x.mutable_values<float>()[0] = infinity;
            CHECK(are_close(model.context({.reference = true}).predict({x}).front(), model.predict({x}).front()));
        }
}

TEST_CASE("repetitions and slopes are those of the layer") {
    for (const char* format : {"channels_last", "channels_first"}) {
        CAPTURE(format);
        const Model model = one_layer({3, 5, 4}, "UpSampling2D", {{"size", pair(2, 3)}, {"data_format", format}});
        CHECK(kernels_of_one(model, {2, 3, 5, 4}) == Names{"repeat"});
        CHECK(difference(model, waves({2, 3, 5, 4})) == 0);
    }
    const Model smooth = one_layer({3, 5, 4}, "UpSampling2D", {{"interpolation", "bilinear"}});
    CHECK(kernels_of_one(smooth, {2, 3, 5, 4}) == Names{""});
    const Value slopes = Value::object({{"class_name", "RandomUniform"}, {"config", Value::object({})}});
    for (const Value::Array& shared : {Value::Array{}, Value::Array{1, 2}, Value::Array{1, 2, 3}, Value::Array{1}}) {
        const Model model = one_layer({3, 5, 4}, "PReLU", {{"shared_axes", shared}, {"alpha_initializer", slopes}});
        CHECK(kernels_of_one(model, {2, 3, 5, 4}) == Names{"slope"});
        CHECK(difference(model, waves({2, 3, 5, 4})) == 0);
    }
}

TEST_CASE("what is computed number by number takes the place of its input, unless somebody reads that later") {
    Functional net("places");
    const auto x = net.input({40});
    const auto a = net.call("Softmax", {}, {x}), b = net.call("Activation", {{"activation", "tanh"}}, {a});
    const auto c = net.call("Add", {}, {b, a}), e = net.call("Add", {}, {c, c});
    const Model model = net.build({x}, {e});
    const auto graph = test::graph_of_json(cat(R"({"class_name": "Functional", "config": )", model.get_config(),
                                               R"(, "keras_version": "3.12.0"})"));
    CHECK(test::plan_of(*graph, {{2, 40}}).arena == 2 * 80);
    CHECK(difference(model, waves({2, 40})) < 1e-7F);
}

TEST_CASE("an input that is read once more at the end of a sum keeps its place") {
    Functional net("again");
    const auto x = net.input({40});
    const auto a = net.call("Activation", {{"activation", "tanh"}}, {x});
    const auto b = net.call("Activation", {{"activation", "sigmoid"}}, {x});
    const Model model = net.build({x}, {net.call("Add", {}, {a, b, a})});
    CHECK(difference(model, waves({2, 40})) < 1e-6F);
}

TEST_CASE("numbers before a network are scaled as the layers do, and at once") {
    Sequential net("scaled");
    net.input({4, 5, 3});
    net.add("Rescaling", {{"scale", 0.5}, {"offset", 1.0}});
    net.add("Normalization", {{"mean", Value::Array{0.5, 0.4, 0.3}}, {"variance", Value::Array{0.2, 0.1, 0.3}}});
    net.add("Rescaling", {{"scale", Value::Array{2.0, 3.0, 4.0}}});
    const Model model = net.build(1);
    CHECK(kernels_of_one(model, {3, 4, 5, 3}) == Names{"scale"});
    CHECK(difference(model, waves({3, 4, 5, 3})) < 3e-6F);
    const Config far = {{"mean", Value::Array{1e4}}, {"variance", Value::Array{1.0}}};
    CHECK(kernels_of_one(one_layer({1}, "Normalization", far), {3, 1}) == Names{""});
}
