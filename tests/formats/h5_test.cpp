#include <catch2/catch.hpp>

#include "formats/bytes.hpp"
#include "formats/load.hpp"
#include "models/error.hpp"

using namespace layerctl;
using formats::load_model;

namespace {

std::filesystem::path golden(const std::string& file) {
    return std::filesystem::path(LAYERCTL_TESTDATA) / "golden" / file;
}

Tensors tensors(const WeightStore& store) {
    Tensors all;
    for (const WeightGroup& group : store.groups)
        for (const StoredWeight& weight : group.weights) {
            all.push_back(weight.read());
            CHECK(all.back().dtype() == weight.dtype);
            CHECK(all.back().shape() == weight.shape);
        }
    return all;
}

bool same(const Tensors& a, const Tensors& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Tensor& x, const Tensor& y) {
        return identical(x, y.dtype() == x.dtype() ? y : y.cast(x.dtype()));
    });
}

Code code_of_load(const std::filesystem::path& path, std::string& what) {
    try {
        load_model(path);
    } catch (const Error& error) {
        what = error.what();
        return error.code();
    }
    return Code::usage;
}

}  // namespace

TEST_CASE("every storage of the same arrays reads the same") {
    const Tensors original = tensors(load_model(golden("formats/all_convnet_k2/model.h5"))->weights);
    REQUIRE(original.size() > 4);
    for (const char* name : {"big_endian", "chunked", "gzip", "gzip_shuffle_fletcher", "libver_latest", "float64"}) {
        CAPTURE(name);
        CHECK(same(original, tensors(load_model(golden(cat("formats/convnet_", name, "_k2/model.h5")))->weights)));
    }
    const Tensors small = tensors(load_model(golden("formats/all_mlp_k2/model.h5"))->weights);
    CHECK(same(small, tensors(load_model(golden("formats/compact_layout_k2/model.h5"))->weights)));
    CHECK(same(small, tensors(load_model(golden("formats/userblock_k2/model.h5"))->weights)));
}

TEST_CASE("every kind of string attribute reads the same") {
    const auto original = load_model(golden("formats/all_mlp_k3/model.h5"));
    for (const char* name : {"fixed_strings", "vlen_ascii", "vlen_utf8", "trailing_spaces"}) {
        CAPTURE(name);
        const auto other = load_model(golden(cat("formats/attrs_", name, "_k3/model.h5")));
        CHECK(other->config.text() == original->config.text());
        CHECK(other->metadata.keras_version.starts_with(original->metadata.keras_version));
        REQUIRE(other->weights.groups.size() == original->weights.groups.size());
        for (std::size_t i = 0; i < other->weights.groups.size(); ++i) {
            CHECK(other->weights.groups[i].layer == original->weights.groups[i].layer);
            REQUIRE(other->weights.groups[i].weights.size() == original->weights.groups[i].weights.size());
        }
    }
}

TEST_CASE("lists in pieces are put together") {
    const auto layers = load_model(golden("formats/chunked_layer_names_k3/model.h5"));
    CHECK(layers->weights.groups.size() > 400);
    const auto weights = load_model(golden("formats/chunked_weight_names_k3/model.h5"));
    CHECK(tensors(weights->weights).size() > 600);
}

TEST_CASE("metadata and names are those of the file") {
    const auto spec = load_model(golden("formats/all_compiled_k2/model.h5"));
    CHECK(spec->metadata.variant == "h5");
    CHECK(spec->metadata.keras_version == "2.15.0");
    CHECK(spec->metadata.backend == "tensorflow");
    CHECK(spec->metadata.training_config.find("optimizer_config") != std::string::npos);
    CHECK(spec->weights.backend == "tensorflow");
    CHECK(spec->weights.layout == WeightLayout::by_order);
    bool seen = false;
    for (const WeightGroup& group : spec->weights.groups)
        for (const StoredWeight& weight : group.weights) seen = seen || weight.name == group.layer + "/kernel:0";
    CHECK(seen);
}

TEST_CASE("a file in memory is read like one on disk, and is not needed afterwards") {
    std::shared_ptr<ModelSpec> spec;
    {
        const std::string bytes = formats::read_file(golden("formats/userblock_k2/model.h5"));
        spec = load_model(formats::as_bytes(bytes));
    }
    CHECK(same(tensors(spec->weights), tensors(load_model(golden("formats/userblock_k2/model.h5"))->weights)));
}

TEST_CASE("two opaque bytes are a bfloat16") {
    const auto spec = load_model(golden("topology/policy_bfloat16_k3/model.h5"));
    const Tensors weights = tensors(spec->weights);
    REQUIRE(!weights.empty());
    CHECK(weights.front().dtype() == DType::bfloat16);
    const auto values = weights.front().cast(DType::float32);
    for (const float value : values.values<float>()) CHECK(std::abs(value) < 10);
}

TEST_CASE("weights come from whole-model and weights-only files") {
    const auto whole = golden("formats/all_mlp_k2/model.h5");
    ModelSpec grafted;
    formats::load_weights(whole, grafted);
    CHECK(same(tensors(grafted.weights), tensors(load_model(whole)->weights)));
    const auto only = golden("tutorial/model_subclassing_k2/legacy_weights.h5");
    formats::load_weights(only, grafted);
    CHECK(!tensors(grafted.weights).empty());
    std::string what;
    CHECK(code_of_load(only, what) == Code::format);
    CHECK(what.find("weights only, a model definition is needed") != std::string::npos);
}

TEST_CASE("weights of the v3 format are recognised") {
    std::string what;
    CHECK(code_of_load(golden("pooling/max1d_valid_2_k2/model.weights.h5"), what) == Code::format);
    CHECK(what.find(".weights.h5") != std::string::npos);
}

TEST_CASE("arrays packed by h5py's own filter are read") {
    const Tensors packed = tensors(load_model(golden("formats/lzf_k2/model.h5"))->weights);
    REQUIRE(!packed.empty());
    CHECK(same(packed, tensors(load_model(golden("formats/all_mlp_k2/model.h5"))->weights)));
}
