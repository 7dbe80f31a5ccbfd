// Names that the bytecode of a Lambda layer reads from its module, which no file holds.
#include <catch2/catch.hpp>
#include <fstream>

#include "api/layerctl.hpp"
#include "tests/temporary_folder.hpp"

using namespace layerctl;

namespace {

// Python 3.11: lambda x: scale * helper(x) + offset
constexpr const char* model = R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
    {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 2], "dtype": "float32", "name": "x"}},
    {"class_name": "Lambda", "config": {"name": "l", "function_type": "lambda", "arguments": {}, "function": [
    "4wEAAAAAAAAAAAAAAAQAAAADAAAA80AAAACXAHQAAAAAAAAAAAAAAHQDAAAAAAAAAAAAAHwApgEAAKsBAAAAAAAAAAB6BQAAdAQAAAAAAAAAAAAA
egAAAFMAKQFOKQPaBXNjYWxl2gZoZWxwZXLaBm9mZnNldCkB2gF4cwEAAAAg+gc8c3RkaW4++gg8bGFtYmRhPnIHAAAAAgAAAHMWAAAAgACNRZVG
mDGRSZRJ0QwdpQbRDCaAAPMAAAAA", null, null]}}]}, "keras_version": "2.15.0"})";

Model load(const std::string& custom_objects) {
    const test::TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "custom.json";
    std::ofstream(file) << custom_objects;
    std::string text = model;
    std::erase(text, '\n');
    return Model::from_json(text, {.custom_objects = {file}});
}

}  // namespace

TEST_CASE("names of the user's file mean what it says, in operations as well") {
    const Model loaded =
        load(R"j({"constants": {"scale": 3.0, "offset": 0.5}, "functions": {"helper": "tf.square(x)"}})j");
    const Tensors x = {Tensor::from(Shape{1, 2}, std::vector<float>{1, -2})};
    const Tensor wanted = Tensor::from(Shape{1, 2}, std::vector<float>{3.5, 12.5});
    CHECK(identical(loaded.predict(x)[0], wanted));
    CHECK(identical(loaded.with_lambdas_expanded().predict(x)[0], wanted));
}

TEST_CASE("a refusal lists every name that nobody explains") {
    CHECK_THROWS_WITH(load("{}"), Catch::Contains("the global names 'scale', 'helper', 'offset' are not in the file"));
    CHECK_THROWS_WITH(load(R"j({"constants": {"scale": 3.0}})j"),
                      Catch::Contains("the global names 'helper', 'offset' are not in the file"));
    CHECK_THROWS_WITH(load(R"j({"constants": {"scale": 3.0, "offset": 1}})j"),
                      Catch::Contains("the global name 'helper' is not in the file"));
}
