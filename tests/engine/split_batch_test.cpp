// Batches whose entries are computed one after the other.
#include "api/threads.hpp"
#include "tests/engine/small_models.hpp"
#include "tests/errors.hpp"

using namespace layerctl;
using test::complaint_of;
using test::kernels_of;
using test::waves;

namespace {

using Names = std::vector<std::string>;
const Names split = {"entry by entry"};

/// Threads for a test, and after it as many as before.
struct Threads {
    explicit Threads(int count) { set_threads(count); }
    ~Threads() { set_threads(before); }
    int before = threads();
};

void check_outputs(const Model& model, const Tensors& x) {
    const Tensors wanted = model.context({.reference = true}).predict(x);
    for (const int count : {1, 2, 3}) {
        const Threads some(count);
        CAPTURE(count);
        Context context = model.context({});
        context.bind(x);
        const Tensors bound = context.run(), found = model.predict(x);
        for (std::size_t k = 0; k < wanted.size(); ++k) {
            REQUIRE(found[k].shape() == wanted[k].shape());
            CHECK(identical(found[k], bound[k]));
            float most = 0;
            for (std::size_t i = 0; i < wanted[k].elements(); ++i)
                most = std::max(most, std::abs(found[k].values<float>()[i] - wanted[k].values<float>()[i]));
            CHECK(most < 1e-5F);
        }
    }
}

Model image_model() {
    Functional net("image");
    const auto x = net.input({32, 32, 3});
    const auto a = net.call("Conv2D", {{"filters", 48}, {"kernel_size", 3}, {"padding", "same"}}, {x});
    const auto b = net.call("DepthwiseConv2D", {{"kernel_size", 3}, {"padding", "same"}, {"activation", "relu"}}, {a});
    const auto c = net.call("Conv2D", {{"filters", 48}, {"kernel_size", 1}}, {net.call("Add", {}, {a, b})});
    const auto pooled = net.call("GlobalAveragePooling2D", {}, {net.call("Concatenate", {}, {c, a})});
    return net.build({x}, {net.call("Dense", {{"units", 5}, {"activation", "softmax"}}, {pooled}), c});
}

Model text_model() {
    Sequential net("text");
    net.input({90}, DType::int32);
    net.add("Embedding", {{"input_dim", 20}, {"output_dim", 64}});
    net.add("Conv1D", {{"filters", 64}, {"kernel_size", 7}, {"padding", "same"}});
    net.add("Permute", {{"dims", Value::Array{2, 1}}});
    net.add("Dense", {{"units", 3}});
    return net.build(2);
}

Tensor ids(std::int64_t batch) {
    Tensor tensor(DType::int32, {batch, 90});
    std::int32_t at = 0;
    for (std::int32_t& id : tensor.mutable_values<std::int32_t>()) id = (at += 7) % 20;
    return tensor;
}

}  // namespace

TEST_CASE("entries of a batch are computed one after the other") {
    const Model images = image_model(), texts = text_model();
    CHECK(kernels_of(images, "Functional", {{6, 32, 32, 3}}) == split);
    CHECK(kernels_of(texts, "Sequential", {{6, 90}}) == split);
    check_outputs(images, {waves({6, 32, 32, 3})});
    check_outputs(texts, {ids(6)});
    CHECK(images.predict({waves({0, 32, 32, 3})}).front().shape() == Shape{0, 5});
}

TEST_CASE("ids of no row are refused by their layer when entries are computed one after the other") {
    const Model texts = text_model();
    Tensor x = ids(6);
    x.mutable_values<std::int32_t>()[300] = 20;
    const std::string wanted = complaint_of([&] { texts.context({.reference = true}).predict({x}); });
    CHECK_FALSE(wanted.empty());
    CHECK(complaint_of([&] { texts.predict({x}); }) == wanted);
}

TEST_CASE("batches stay whole where that is better, where entries meet, and where it is asked for") {
    const Model images = image_model();
    const auto is_split = [](const Model& model, const std::string& class_name, const Shape& input) {
        return kernels_of(model, class_name, {input}) == split;
    };
    CHECK_FALSE(is_split(images, "Functional", {1, 32, 32, 3}));

    Sequential rare("rare");  // weights that are used once per entry
    rare.input({2000}).add("Dense", {{"units", 2000}});
    CHECK_FALSE(is_split(rare.build(1), "Sequential", {8, 2000}));

    Sequential steps("steps");  // weights that are read at every step
    steps.input({40, 90}).add("LSTM", {{"units", 90}});
    CHECK_FALSE(is_split(steps.build(1), "Sequential", {8, 40, 90}));

    const std::vector<std::pair<std::string, Config>> meeting = {{"Softmax", {{"axis", 0}}},
                                                                 {"Concatenate", {{"axis", 0}}}};
    for (const auto& [class_name, config] : meeting) {
        CAPTURE(class_name);
        Functional net("meeting");
        const auto x = net.input({32, 32, 8});
        const auto y = net.call("Conv2D", {{"filters", 64}, {"kernel_size", 3}}, {x});
        const bool is_join = class_name == "Concatenate";
        const Model model =
            net.build({x}, {net.call(class_name, config, is_join ? std::vector{y, y} : std::vector{y})});
        CHECK_FALSE(is_split(model, "Functional", {6, 32, 32, 8}));
        check_outputs(model, {waves({6, 32, 32, 8})});
    }

    const Tensor x = waves({6, 32, 32, 3});
    Context whole = images.context({.without_passes = {"split_batch"}});
    CHECK(whole.kernels({x.shape()}).front().kernel != split.front());
}
