// Functions as twelve versions of Python compiled them, against what TensorFlow computed (testdata/compiled.tar.xz).
#include <catch2/catch.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include <nlohmann/json.hpp>

#include "engine/bytecode/decode.hpp"
#include "engine/bytecode/stored_function.hpp"
#include "engine/layers/custom/given_function.hpp"
#include "formats/json/text.hpp"
#include "models/base64.hpp"

using namespace layerctl;

namespace {

using Json = nlohmann::json;

Value value_of(const Json& json) { return formats::parse_json(json.dump()).value(); }

Tensor tensor_of(const Json& array) {
    const Shape shape(array.at("shape").get<std::vector<std::int64_t>>());
    return Tensor::from(shape, array.at("data").get<std::vector<double>>())
        .cast(*parse_dtype(array.at("dtype").get<std::string>()));
}

Tensors tensors_of(const Json& arrays) {
    Tensors tensors;
    for (const Json& array : arrays) tensors.push_back(tensor_of(array));
    return tensors;
}

/// What is wrong with the results, or nothing.
std::string difference(const Tensors& found, const Tensors& wanted) {
    if (found.size() != wanted.size()) return cat(found.size(), " results, wanted ", wanted.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i].shape() != wanted[i].shape()) return cat(found[i].shape(), ", wanted ", wanted[i].shape());
        if (found[i].dtype() != wanted[i].dtype()) return cat(found[i].dtype(), ", wanted ", wanted[i].dtype());
        const Tensor x = found[i].cast(DType::float64), y = wanted[i].cast(DType::float64);
        const auto a = x.values<double>(), b = y.values<double>();
        for (std::size_t k = 0; k < a.size(); ++k) {
            const bool same = a[k] == b[k] || (std::isnan(a[k]) && std::isnan(b[k]));
            if (!same && !(std::abs(a[k] - b[k]) <= 2e-5 + 2e-5 * std::abs(b[k]))) return cat(a[k], ", wanted ", b[k]);
        }
    }
    return "";
}

std::string run(const bytecode::Decoded& decoded, const Json& entry) {
    const auto function = custom::make_given_function(bytecode::function_of(decoded), Value(), Dialect::keras2);
    const Tensors inputs = tensors_of(entry.at("expected").at("inputs"));
    Shapes any_batch;
    DTypes dtypes;
    for (const Tensor& input : inputs) {
        std::vector<std::int64_t> dims(input.shape().begin(), input.shape().end());
        dims[0] = Shape::unknown;
        any_batch.emplace_back(dims);
        dtypes.push_back(input.dtype());
    }
    const OutputSpec announced = function->spec(any_batch, dtypes);
    const Tensors outputs = function->call(inputs);
    for (std::size_t i = 0; i < outputs.size(); ++i)
        if (!announced.shapes.at(i).is_compatible_with(outputs[i].shape()))
            return cat(outputs[i].shape(), " was announced as ", announced.shapes[i]);
    return difference(outputs, tensors_of(entry.at("expected").at("outputs")));
}

/// What is wrong with the reading of one function, or nothing.
std::string problem(const Json& entry, const std::string& bytes) {
    const bytecode::Decoded decoded = bytecode::decode(
        {bytes, value_of(entry.at("defaults")), value_of(entry.at("closure_values")), value_of(entry.at("arguments"))});
    const bool wanted = entry.at("kind") == "ok";
    if (decoded.refusal) {
        const std::string category(bytecode::name_of(decoded.refusal->category));
        const bool right = !wanted && category == entry.at("refuse_category").get<std::string>();
        return right ? "" : cat("refused: ", category, ": ", decoded.refusal->reason);
    }
    if (!wanted) return "accepted";
    try {
        return run(decoded, entry);
    } catch (const Error& error) {
        return error.what();
    }
}

std::vector<Json> corpus() {
    std::vector<Json> entries;
    for (const auto& file :
         std::filesystem::directory_iterator(std::filesystem::path(LAYERCTL_TESTDATA) / "compiled")) {
        std::ifstream text(file.path());
        entries.push_back(Json::parse(std::string(std::istreambuf_iterator<char>(text), {})));
    }
    return entries;
}

/// As Keras stores the bytes under Windows.
std::string damaged(std::string bytes) {
    std::replace(bytes.begin(), bytes.end(), '\\', '/');
    return bytes;
}

/// As Keras stored them before 2.0.5: each byte a character.
std::string as_text(const std::string& bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80) text += static_cast<char>(0xc0 | byte >> 6);
        text += byte < 0x80 ? c : static_cast<char>(0x80 | (byte & 0x3f));
    }
    return text;
}

struct Count {
    std::size_t accepted = 0, refused = 0;
};

}  // namespace

TEST_CASE("functions compiled by every version of Python", "[bytecode]") {
    std::map<std::string, Count> counts;
    for (const Json& entry : corpus())
        for (const auto& [version, text] : entry.at("base64").items()) {
            const std::string bytes = *from_base64(text.get<std::string>());
            Count& count = counts[version];
            INFO(entry.at("id").get<std::string>() << ", Python " << version);
            CHECK(problem(entry, bytes) == "");
            CHECK(problem(entry, damaged(bytes)) == "");
            ++(entry.at("kind") == "ok" ? count.accepted : count.refused);
        }
    CHECK(counts.size() == 12);
    for (const auto& [version, count] : counts) {
        CHECK(count.accepted > 150);
        const bool own = version != "3.5" && version != "3.14" && version != "3.15";  // what make_compiled.py adds
        CHECK(count.refused == (own ? 38 : version == "3.5" ? 7 : 20));
        std::cout << "Python " << version << ": " << count.accepted << " computed, " << count.refused << " refused\n";
    }
}

TEST_CASE("bytes are stored in base64, as text, or inside an object", "[bytecode]") {
    for (const Json& entry : corpus())
        for (const auto& [version, base64] : entry.at("base64").items()) {
            const Value text = base64.get<std::string>();
            const std::string bytes = *from_base64(*text.string());
            const Value old = as_text(bytes);
            const Value object = Value::object(
                {{"class_name", "__lambda__"}, {"config", Value::object({{"code", text}, {"defaults", nullptr}})}});
            INFO(entry.at("id").get<std::string>() << ", Python " << version);
            CHECK(bytecode::stored_function(Value::array({text, nullptr, nullptr}), "lambda")->bytes == bytes);
            CHECK(bytecode::stored_function(text, "lambda")->bytes == bytes);
            CHECK(bytecode::stored_function(old, "lambda")->bytes == bytes);
            CHECK(bytecode::stored_function(Value::array({old, nullptr, nullptr}), "lambda")->bytes == bytes);
            CHECK(bytecode::stored_function(object, "")->bytes == bytes);
        }
}
