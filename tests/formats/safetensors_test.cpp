// Headers of safetensors: what they claim must be what the file is.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "formats/bytes.hpp"
#include "formats/safetensors/safetensors.hpp"
#include "tests/errors.hpp"

using namespace layerctl;
using namespace layerctl::formats;

namespace {

namespace fs = std::filesystem;

struct File {
    fs::path path = fs::temp_directory_path() / "layerctl_test.safetensors";
    ~File() { fs::remove(path); }
    void fill(const std::string& bytes) const { std::ofstream(path, std::ios::binary) << bytes; }
};

std::string with_header(const std::string& header, std::size_t data, std::uint64_t length) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(length >> (8 * i) & 0xff);
    return bytes + header + std::string(data, '\1');
}

std::string with_header(const std::string& header, std::size_t data) {
    return with_header(header, data, header.size());
}

std::string entry(const char* dtype, const char* shape, const char* offsets) {
    return cat("{\"dtype\":\"", dtype, "\",\"shape\":", shape, ",\"data_offsets\":", offsets, "}");
}

}  // namespace

TEST_CASE("safetensors: every dtype comes back as it was") {
    const File file;
    std::vector<std::pair<std::string, Tensor>> arrays;
    for (const DType dtype :
         {DType::float16, DType::bfloat16, DType::float32, DType::float64, DType::int8, DType::int16, DType::int32,
          DType::int64, DType::uint8, DType::uint16, DType::uint32, DType::uint64, DType::boolean})
        arrays.emplace_back(dtype_name(dtype), Tensor::from<float>({2, 2}, std::vector<float>{1, 0, 1, 1}).cast(dtype));
    arrays.emplace_back("scalar", Tensor::from<float>({}, std::vector<float>{7}));
    arrays.emplace_back("empty", Tensor(DType::float32, {0, 3}));
    file.fill(bytes_of([&](OutputFile& written) { write_safetensors(arrays, written); }));
    const std::vector<StoredWeight> found = load_safetensors(file.path);
    REQUIRE(found.size() == arrays.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].name == arrays[i].first);
        CHECK(identical(found[i].read(), arrays[i].second));
    }
}

TEST_CASE("safetensors: arrays may lie in any order, and metadata is no array") {
    const File file;
    file.fill(with_header(cat("{\"__metadata__\":{\"format\":\"tf\"},\"b\":", entry("U8", "[3]", "[2,5]"),
                              ",\"a\":", entry("U8", "[2]", "[0,2]"), "}  "),
                          5));
    const std::vector<StoredWeight> found = load_safetensors(file.path);
    REQUIRE(found.size() == 2);
    CHECK(found[0].name == "b");
    CHECK(found[0].shape == Shape{3});
}

TEST_CASE("safetensors: a header that does not tell the file is refused") {
    struct Wrong {
        std::string bytes;
        Code code;
        const char* text;
    };
    const auto one = [](const std::string& e, std::size_t data) { return with_header("{\"a\":" + e + "}", data); };
    const std::vector<Wrong> all = {
        {"\1\0\0", Code::format, "of 1 bytes"},
        {with_header("{}", 0, 100), Code::format, "the file is truncated"},
        {with_header("{}", 0, 100'000'001), Code::refused, "the limit is"},
        {with_header("[]", 0), Code::format, "wanted an object"},
        {with_header("{\"a\":", 0), Code::format, "header: line 1"},
        {one(entry("F32", "[2]", "[0,8]"), 4), Code::format, "truncated"},
        {one(entry("F32", "[2]", "[0,8]"), 9), Code::format, "describes 8 bytes of data, found 9"},
        {one(entry("F32", "[2]", "[4,12]"), 12), Code::format, "begins at byte 4 of the data, wanted 0"},
        {one(entry("F32", "[3]", "[0,8]"), 8), Code::format, "wanted 12 bytes, found 8"},
        {one(entry("F32", "[2]", "[8,0]"), 8), Code::format, "wanted a begin and an end"},
        {one(entry("F32", "[-2]", "[0,8]"), 8), Code::format, "'shape': wanted counts"},
        {one(entry("F32", "[4611686018427387904,4]", "[0,0]"), 0), Code::refused, ""},
        {one(entry("F8_E4M3", "[8]", "[0,8]"), 8), Code::unsupported, "found \"F8_E4M3\""},
        {one("{}", 0), Code::format, "'data_offsets': wanted"},
        {one("3", 0), Code::format, "'data_offsets': wanted"},
        {with_header(cat("{\"a\":", entry("U8", "[4]", "[0,4]"), ",\"b\":", entry("U8", "[4]", "[2,6]"), "}"), 6),
         Code::format, "array 'b' begins at byte 2"},
    };
    const File file;
    for (const Wrong& wrong : all) {
        file.fill(wrong.bytes);
        const auto error = test::error_of([&] { load_safetensors(file.path); });
        CAPTURE(wrong.text);
        REQUIRE(error);
        CHECK(error->code() == wrong.code);
        CHECK_THAT(error->what(), Catch::Contains(wrong.text));
    }
}
