#include <catch2/catch.hpp>

#include "formats/bytes.hpp"
#include "formats/npy/npy.hpp"
#include "models/error.hpp"
#include "tests/errors.hpp"
#include "tests/zip.hpp"

using namespace layerctl;
using namespace layerctl::formats;

namespace {

std::string npy(const std::string& dict, const std::string& data, char major = 1) {
    std::string out = "\x93NUMPY";
    out += major;
    out += '\0';
    out += static_cast<char>(dict.size() & 0xff);
    out += static_cast<char>(dict.size() >> 8);
    if (major > 1) out += std::string(2, '\0');
    return out + dict + data;
}

std::string npy(const std::string& descr, const std::string& shape, const std::string& data, bool fortran) {
    return npy(
        "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }\n",
        data);
}

Tensor read(const std::string& bytes) { return read_npy(as_bytes(bytes)); }

std::optional<Code> code_of(const std::string& bytes) {
    return test::code_of([&] { read(bytes); });
}

std::vector<std::int16_t> int16s(const Tensor& tensor) {
    const auto values = tensor.values<std::int16_t>();
    return {values.begin(), values.end()};
}

std::string npz_of(const NamedArrays& arrays) {
    return bytes_of([&](OutputFile& file) { write_npz(arrays, file); });
}

}  // namespace

TEST_CASE("npy: C and Fortran order, both byte orders") {
    const std::string data("\1\0\2\0\3\0\4\0\5\0\6\0", 12);
    CHECK(int16s(read(npy("<i2", "(2, 3)", data, false))) == std::vector<std::int16_t>{1, 2, 3, 4, 5, 6});
    CHECK(int16s(read(npy("<i2", "(2, 3)", data, true))) == std::vector<std::int16_t>{1, 3, 5, 2, 4, 6});
    CHECK(int16s(read(npy(">i2", "(6,)", data, true))) == std::vector<std::int16_t>{256, 512, 768, 1024, 1280, 1536});
    CHECK(int16s(read(npy(">i2", "(3, 1, 2)", data, true))) ==
          std::vector<std::int16_t>{256, 1024, 512, 1280, 768, 1536});
    CHECK(read(npy("<i2", "(2, 3)", data, true)).shape() == Shape{2, 3});
}

TEST_CASE("npy: scalars, empty arrays and Python 2 headers") {
    CHECK(read(npy("<f4", "()", std::string(4, '\0'), false)).shape() == Shape{});
    CHECK(read(npy("<f4", "(0, 4)", "", false)).shape() == Shape{0, 4});
    CHECK(read(npy("<f4", "(2L, 1L)", std::string(8, '\0'), false)).shape() == Shape{2, 1});
    CHECK(read(npy("{\"descr\":\"|u1\",\"fortran_order\":False,\"shape\":(1,)}", "\7", 3)).values<std::uint8_t>()[0] ==
          7);
}

TEST_CASE("npy: booleans are 0 or 1 whatever byte is stored") {
    const Tensor tensor = read(npy("|b1", "(2,)", std::string("\0\7", 2), false));
    CHECK(static_cast<int>(tensor.data()[1]) == 1);
}

TEST_CASE("npy: strings lose their padding, unicode becomes UTF-8") {
    const Tensor bytes = read(npy("|S3", "(2,)", std::string("ab\0a\0b", 6), false));
    CHECK(bytes.string_values() == std::vector<std::string>{"ab", std::string("a\0b", 3)});
    const Tensor little = read(npy("<U2", "(1,)", std::string("\xe9\0\0\0\0\xf6\1\0", 8), false));
    CHECK(little.string_values() == std::vector<std::string>{"é😀"});
    const Tensor big = read(npy(">U2", "(1,)", std::string("\0\0\0\x41\0\0\0\0", 8), false));
    CHECK(big.string_values() == std::vector<std::string>{"A"});
    CHECK(code_of(npy("<U1", "(1,)", "\xff\xff\xff\x7f", false)) == Code::format);
}

TEST_CASE("npy: what is not a plain array of numbers or strings is refused") {
    CHECK(code_of(npy("|O", "(1,)", "x", false)) == Code::refused);
    CHECK(code_of(npy("<c8", "(1,)", "12345678", false)) == Code::unsupported);
    CHECK(code_of(npy("<M8[ns]", "(1,)", "12345678", false)) == Code::unsupported);
    CHECK(code_of(npy("|V7", "(1,)", "1234567", false)) == Code::unsupported);
    CHECK(code_of(npy("<f16", "(1,)", "1234567812345678", false)) == Code::unsupported);
    CHECK(code_of(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "1234")) ==
          Code::unsupported);
}

TEST_CASE("npy: malformed files are refused") {
    const std::string good = npy("<f4", "(2,)", "12345678", false);
    CHECK(code_of(good) == std::nullopt);
    for (std::size_t size = 0; size < good.size(); ++size) CHECK(code_of(good.substr(0, size)) == Code::format);
    CHECK(code_of(good + "x") == Code::format);
    CHECK(code_of(npy("<f4", "(-1,)", "", false)) == Code::format);
    CHECK(code_of(npy("<f4", "(1 2)", "12345678", false)) == Code::format);
    CHECK(code_of(npy("<f4", "(99999999999999999999,)", "", false)) == Code::format);
    CHECK(code_of(npy("<f4", "(4611686018427387904, 4)", "", false)) == Code::refused);
    CHECK(code_of(npy("|S0", "(4611686018427387904,)", "", false)) == Code::refused);
    CHECK(code_of(npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (0,)}", "")) == Code::format);
    CHECK(code_of(npy("{'descr': '<f4', 'shape': (0,)}", "")) == Code::format);
    CHECK(code_of(npy("{'descr': '<f4', 'fortran_order': exit(), 'shape': (0,)}", "")) == Code::format);
    CHECK(code_of(npy("{}", "", 4)) == Code::unsupported);
}

TEST_CASE("npy: what is written is read back") {
    const Tensor floats = Tensor::from<float>({2, 2}, std::vector<float>{1, -2, 3.5F, 0});
    CHECK(identical(read(write_npy(floats)), floats));
    const Tensor words = Tensor::strings({3}, {"a", "", "long"});
    CHECK(identical(read(write_npy(words)), words));
    const Tensor scalar = Tensor::from<std::int64_t>({}, std::vector<std::int64_t>{-7});
    CHECK(identical(read(write_npy(scalar)), scalar));
    const Tensor brain = floats.cast(DType::bfloat16);
    CHECK(identical(read(write_npy(brain)), floats));
    CHECK((write_npy(floats).size() - floats.byte_size()) % 64 == 0);
}

TEST_CASE("npz: members in order, names without the suffix") {
    const NamedArrays arrays = {{"b/x", Tensor::from<float>({1}, std::vector<float>{1})},
                                {"a", Tensor::strings({1}, {"s"})}};
    const NamedArrays again = read_npz(as_bytes(npz_of(arrays)));
    REQUIRE(again.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(again[i].first == arrays[i].first);
        CHECK(identical(again[i].second, arrays[i].second));
    }
    CHECK(read_npz(as_bytes(npz_of({}))).empty());
}

TEST_CASE("npz: damaged, foreign and ambiguous archives are refused") {
    const auto code = [](const std::string& bytes) { return test::code_of([&] { read_npz(as_bytes(bytes)); }); };
    std::string good = npz_of({{"a", Tensor::from<float>({2}, std::vector<float>{1, 2})}});
    CHECK(code(good) == std::nullopt);
    CHECK(code(good.substr(0, good.size() - 1)) == Code::format);
    CHECK(code("PK") == Code::format);
    CHECK(code("") == Code::format);
    CHECK(code(test::zip_of({{"a.txt", "hello"}})) == Code::format);
    const std::size_t data = good.find("\x93NUMPY") + 128;
    good[data] = static_cast<char>(good[data] + 1);
    CHECK(code(good) == Code::format);  // checksum
    std::string twice = test::zip_of({{"a.npy", "x"}, {"b.npy", "y"}});
    for (std::size_t at = twice.find("b.npy"); at != std::string::npos; at = twice.find("b.npy")) twice[at] = 'a';
    CHECK(code(twice) == Code::refused);
}
