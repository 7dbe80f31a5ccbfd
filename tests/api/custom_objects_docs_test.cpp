// The examples of docs/custom-objects.md are read, and run on what real Keras recorded.
#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <vector>

#include "api/arrays.hpp"
#include "api/layerctl.hpp"

using namespace layerctl;

namespace {

std::vector<std::string> examples() {
    std::ifstream file(LAYERCTL_DOCS "/custom-objects.md");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::string> blocks;
    const std::string begin = "```json\n", end = "```\n";
    for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
        at += begin.size();
        blocks.push_back(text.substr(at, text.find(end, at) - at));
    }
    return blocks;
}

double largest_difference(const std::string& name, const std::string& custom) {
    const std::string folder = std::string(LAYERCTL_TESTDATA) + "/golden/custom/" + name;
    LoadOptions options;
    options.custom_objects_json = custom;
    const Model model = Model::load(folder + "/model.h5", options);
    const Tensor found = model.predict({load_arrays(folder + "/x0.npy").front().tensor}).front();
    const Tensor wanted = load_arrays(folder + "/y0.npy").front().tensor;
    REQUIRE(found.shape() == wanted.shape());
    double largest = 0;
    for (std::size_t i = 0; i < wanted.elements(); ++i)
        largest = std::max(largest, double{std::abs(found.values<float>()[i] - wanted.values<float>()[i])});
    return largest;
}

}  // namespace

TEST_CASE("the examples of the documentation run") {
    const std::vector<std::string> blocks = examples();
    REQUIRE(blocks.size() == 4);
    const char* cases[] = {"linear_k2", "conv_bn_relu_k3", "rnn_custom_cell_k3", "activation_by_name_k2"};
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        INFO(cases[i]);
        CHECK(largest_difference(cases[i], blocks[i]) < 2e-5);
    }
}
