#include "engine/initializer.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "formats/bytes.hpp"
#include "formats/json/text.hpp"
#include "models/error.hpp"
#include "tests/errors.hpp"

using namespace layerctl;

namespace {

std::vector<double> draw(const Initializer& initializer, const Shape& shape, std::uint64_t seed = 7) {
    const Tensor tensor = initialize(initializer, DType::float64, shape, seed);
    return {tensor.values<double>().begin(), tensor.values<double>().end()};
}

struct Statistics {
    double mean = 0, deviation = 0, least = 0, most = 0;
};

Statistics statistics(const std::vector<double>& values) {
    Statistics s{0, 0, values[0], values[0]};
    for (const double value : values) {
        s.mean += value / static_cast<double>(values.size());
        s.least = std::min(s.least, value);
        s.most = std::max(s.most, value);
    }
    for (const double value : values)
        s.deviation += (value - s.mean) * (value - s.mean) / static_cast<double>(values.size());
    s.deviation = std::sqrt(s.deviation);
    return s;
}

Initializer read(const Value& value) {
    Initializer out;
    REQUIRE(ConfigField<Initializer>::read(value, out, Dialect::keras3));
    return out;
}

std::string complaint(const Initializer& initializer, const Shape& shape) {
    return test::complaint_of([&] { draw(initializer, shape); });
}

}  // namespace

TEST_CASE("constant initializers") {
    CHECK(draw({"Zeros"}, {2}) == std::vector<double>{0, 0});
    CHECK(draw({"Ones"}, {2}) == std::vector<double>{1, 1});
    CHECK(draw({"Constant", Value::object({{"value", 2.5}})}, {2}) == std::vector<double>{2.5, 2.5});
    CHECK(draw({"Identity", Value::object({{"gain", 3.0}})}, {2, 3}) == std::vector<double>{3, 0, 0, 0, 3, 0});
    CHECK(initialize({"Zeros"}, DType::int64, {}, 1).values<std::int64_t>()[0] == 0);
}

TEST_CASE("constant arrays are taken in order or broadcast") {
    const auto constant = [](Value value) {
        return Initializer{"Constant", Value::object({{"value", std::move(value)}})};
    };
    const Value row = Value::array({1, 2}), four = Value::array({1, 2, 3, 4});
    CHECK(draw(constant(four), {2, 2}) == std::vector<double>{1, 2, 3, 4});
    CHECK(draw(constant(row), {2, 2}) == std::vector<double>{1, 2, 1, 2});
    CHECK(draw(constant(Value::array({row})), {2}) == std::vector<double>{1, 2});
    CHECK(draw(constant(Value::object({{"class_name", "__numpy__"}, {"config", Value::object({{"value", row}})}})),
               {2}) == std::vector<double>{1, 2});
    CHECK_FALSE(complaint(constant(row), {3}).empty());
}

// Numbers of Keras 3.15's STFT.
TEST_CASE("waves of a short-time Fourier transform") {
    const auto stft = [](Value config) { return draw({"STFT", std::move(config)}, {5, 1, 3}); };
    const auto same = [](const std::vector<double>& found, const std::vector<double>& wanted) {
        REQUIRE(found.size() == wanted.size());
        for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(wanted[i]).margin(1e-12));
    };
    const double a = 0.4082482904638631;
    same(stft(Value::Object{}), {0, 0, 0, a, 0, -a, 2 * a, -2 * a, 2 * a, a, 0, -a, 0, 0, 0});
    same(stft(Value::object({{"side", "imag"}, {"window", "hamming"}, {"scaling", "spectrum"}, {"periodic", true}})),
         {0, 0, 0, 0, -0.14735266021760157, 0, 0, 0, 0, 0, 0.33783252496758365, 0, 0, 0, 0});
    same(stft(Value::object({{"window", nullptr}})), {1, 1, 1, 1, 0, -1, 1, -1, 1, 1, 0, -1, 1, 1, 1});
    same(stft(Value::object({{"window", Value::array({1, 2, 3, 4, 5})}, {"side", "imag"}})),
         {0, 0, 0, 0, -0.26967994498529685, 0, 0, 0, 0, 0, 0.5393598899705937, 0, 0, 0, 0});
    const auto window = [&](const char* name) {
        const auto waves = stft(Value::object({{"window", name}, {"scaling", nullptr}}));
        return std::vector<double>{waves[0], waves[3], waves[6]};
    };
    same(window("blackman"), {0, 0.34, 1});
    same(window("blackmanharris"), {0.00006, 0.21747, 1});
    same(window("nuttall"), {0.0003628, 0.2269824, 1});
    same(window("flattop"), {-0.000421051, -0.05473684, 1.000000003});
    CHECK(complaint({"STFT", Value::object({{"window", "han"}})}, {5, 1, 3}).find("did you mean 'hann'?") !=
          std::string::npos);
    CHECK(complaint({"STFT"}, {5, 3}).find("(frame, 1, frequencies)") != std::string::npos);
}

// A variance scaling initializer draws with the variance scale / fan; the shapes have fan_in 300 and fan_out 500.
TEST_CASE("variance scaling has the variance of its definition") {
    const auto [name, variance, is_uniform] = GENERATE(table<std::string, double, bool>({
        {"GlorotUniform", 1.0 / 400, true},
        {"GlorotNormal", 1.0 / 400, false},
        {"HeUniform", 2.0 / 300, true},
        {"HeNormal", 2.0 / 300, false},
        {"LecunUniform", 1.0 / 300, true},
        {"LecunNormal", 1.0 / 300, false},
    }));
    CAPTURE(name);
    const Statistics s = statistics(draw({name}, {300, 500}));
    CHECK(s.mean == Approx(0).margin(4 * std::sqrt(variance / 150000)));
    CHECK(s.deviation == Approx(std::sqrt(variance)).epsilon(0.01));
    const double limit = is_uniform ? std::sqrt(3 * variance) : 2 * std::sqrt(variance) / 0.87962566103423978;
    CHECK(s.most <= limit);
    CHECK(s.most > 0.99 * limit);
    CHECK(s.least >= -limit);
    CHECK(s.least < -0.99 * limit);
}

TEST_CASE("fans of convolution kernels count the receptive field") {
    // (3, 3, 4, 8): fan_in 36, fan_out 72
    const Value config = Value::object({{"scale", 2.0}, {"mode", "fan_out"}, {"distribution", "uniform"}});
    const Statistics s = statistics(draw({"VarianceScaling", config}, {3, 3, 4, 8}));
    CHECK(s.most <= std::sqrt(6.0 / 72));
    CHECK(s.most > 0.97 * std::sqrt(6.0 / 72));
    const Statistics vector = statistics(draw({"LecunUniform"}, {2000}));
    CHECK(vector.most <= std::sqrt(3.0 / 2000));
}

TEST_CASE("fans of named axes") {
    const Value axes = Value::object({{"input_axes", Value::array({0, -1})}, {"output_axes", Value::array({1})}});
    CHECK(statistics(draw({"LecunUniform", axes}, {30, 500, 10})).most <= std::sqrt(3.0 / 300));
    CHECK(statistics(draw({"LecunUniform", axes}, {30, 500, 10})).most > 0.99 * std::sqrt(3.0 / 300));
}

TEST_CASE("normal and uniform distributions") {
    const Value wide = Value::object({{"mean", 1.0}, {"stddev", 2.0}});
    const Statistics normal = statistics(draw({"RandomNormal", wide}, {400, 400}));
    CHECK(normal.mean == Approx(1).margin(0.02));
    CHECK(normal.deviation == Approx(2).epsilon(0.01));
    CHECK(normal.most > 1 + 2 * 3.5);
    const Statistics truncated = statistics(draw({"TruncatedNormal", wide}, {400, 400}));
    CHECK(truncated.deviation == Approx(2 * 0.87962566103423978).epsilon(0.01));
    CHECK(truncated.most <= 1 + 2 * 2);
    const Value range = Value::object({{"minval", -1.0}, {"maxval", 3.0}});
    const Statistics uniform = statistics(draw({"RandomUniform", range}, {400, 400}));
    CHECK(uniform.mean == Approx(1).margin(0.02));
    CHECK(uniform.deviation == Approx(4 / std::sqrt(12.0)).epsilon(0.01));
}

TEST_CASE("orthogonal matrices are orthogonal and not always the same") {
    const Shape shape = GENERATE(Shape{20, 20}, Shape{30, 10}, Shape{8, 24}, Shape{2, 3, 4, 5});
    const std::vector<double> q = draw({"Orthogonal", Value::object({{"gain", 2.0}})}, shape);
    const auto columns = static_cast<std::size_t>(shape.back()), rows = q.size() / columns;
    const bool wide = rows < columns;
    const std::size_t count = wide ? rows : columns, length = wide ? columns : rows;
    const auto at = [&](std::size_t vector, std::size_t i) {
        return wide ? q[vector * columns + i] : q[i * columns + vector];
    };
    for (std::size_t a = 0; a < count; ++a)
        for (std::size_t b = 0; b < count; ++b) {
            double product = 0;
            for (std::size_t i = 0; i < length; ++i) product += at(a, i) * at(b, i);
            REQUIRE(product == Approx(a == b ? 4 : 0).margin(1e-12));
        }
    CHECK(q != draw({"Orthogonal"}, shape, 8));
}

TEST_CASE("seeds decide the numbers") {
    CHECK(draw({"HeNormal"}, {5}, 1) == draw({"HeNormal"}, {5}, 1));
    CHECK(draw({"HeNormal"}, {5}, 1) != draw({"HeNormal"}, {5}, 2));
    const Initializer own = {"HeNormal", Value::object({{"seed", 9}})};
    CHECK(draw(own, {5}, 1) == draw(own, {5}, 2));
    // The first number of mt19937_64 with its default seed.
    CHECK(draw({"RandomUniform", Value::object({{"minval", 0.0}, {"maxval", 1.0}})}, {1}, 5489)[0] ==
          static_cast<double>(14514284786278117030ULL >> 11) * 0x1p-53);
}

TEST_CASE("initializers in configs") {
    CHECK(read("glorot_uniform").class_name == "GlorotUniform");
    CHECK(read("one").class_name == "Ones");
    CHECK(read("uniform").class_name == "RandomUniform");
    CHECK(read("OrthogonalInitializer").class_name == "Orthogonal");
    CHECK(read("GlorotUniformV2").class_name == "GlorotUniform");
    CHECK(read("he_normalV2").class_name == "HeNormal");
    CHECK(read("stft").class_name == "STFT");
    const Value envelope = Value::object({{"module", "keras.initializers"},
                                          {"class_name", "Constant"},
                                          {"config", Value::object({{"value", 2}})},
                                          {"registered_name", nullptr}});
    CHECK(draw(read(envelope), {1})[0] == 2);
    for (const Value& value : {Value("zeros"), Value(), envelope})
        CHECK(ConfigField<Initializer>::write(read(value)) == value);
    Initializer untouched = Initializer::ones();
    CHECK_FALSE(ConfigField<Initializer>::read(3, untouched, Dialect::keras3));
}

TEST_CASE("every initializer of Keras is known with the config it writes") {
    const auto file = std::filesystem::path(LAYERCTL_EXPECTATIONS).parent_path() / "objects.json";
    const Config every = formats::parse_json(formats::read_file(file));
    std::size_t count = 0;
    for (const auto& [version, parts] : *every.value().object())
        for (const auto& [class_name, config] : *parts.find("initializer")->object()) {
            CAPTURE(version, class_name);
            CHECK(complaint({class_name, config}, {4, 4}).empty());
            ++count;
        }
    CHECK(count == 45);
}

TEST_CASE("what an initializer refuses") {
    CHECK(complaint({"GlorotUnifrom"}, {1}) ==
          "unsupported: unknown initializer 'GlorotUnifrom' (did you mean 'GlorotUniform'?)");
    CHECK(complaint({"Identity"}, {3}) == "config: initializer Identity: wanted a weight of rank 2, found shape (3,)");
    CHECK(complaint({"Orthogonal"}, {3}) ==
          "config: initializer Orthogonal: wanted a weight of rank 2 or more, found shape (3,)");
    CHECK(complaint({"VarianceScaling", Value::object({{"mode", "fan"}})}, {3}).find("wanted one of 'fan_in'") !=
          std::string::npos);
    CHECK(complaint({"Ones", Value::object({{"sigma", 1}})}, {3}).find("'sigma' is unknown") != std::string::npos);
}
