// Archives written member by member: read again by libzip, which checks sizes, checksums and overlaps.
#include "formats/zip/stored_archive.hpp"

#include <catch2/catch.hpp>
#include <span>

#include "formats/zip/archive.hpp"

using namespace layerctl::formats;

namespace {

ZipArchive opened(const std::string& bytes) { return ZipArchive(std::as_bytes(std::span(bytes))); }

}  // namespace

TEST_CASE("stored archive: what was added is what is read, in that order") {
    OutputFile file = OutputFile::in_memory();
    StoredArchive archive(file);
    archive.add("b.txt", "later");
    archive.add("empty", "");
    archive.add("a/grüße.bin", [&](std::uint64_t begin) {
        file.write_at(begin + 3, "def");
        file.write_at(begin, "abc");
    });
    archive.add("last", "!");
    archive.finish();
    const std::string bytes = file.contents();
    const ZipArchive found = opened(bytes);
    REQUIRE(found.names() == std::vector<std::string>{"b.txt", "empty", "a/grüße.bin", "last"});
    CHECK(found.read(0) == "later");
    CHECK(found.read(1).empty());
    CHECK(found.read(2) == "abcdef");
    CHECK(found.read(3) == "!");
}

TEST_CASE("stored archive: more members than 16 bits count") {
    OutputFile file = OutputFile::in_memory();
    StoredArchive archive(file);
    for (int i = 0; i < 70000; ++i) archive.add(std::to_string(i), "");
    archive.finish();
    const std::string bytes = file.contents();
    CHECK(opened(bytes).names().size() == 70000);
}

TEST_CASE("stored archive: sizes beyond 32 bits") {
    constexpr std::uint64_t large = 4UL << 30U;  // a hole, except for its last byte
    OutputFile file = OutputFile::in_memory();
    StoredArchive archive(file);
    archive.add("large", [&](std::uint64_t begin) { file.write_at(begin + large - 1, "x"); });
    archive.add("behind", "found");
    archive.finish();
    const ZipArchive found(std::filesystem::path("/proc/self/fd/" + std::to_string(file.descriptor())));
    CHECK(found.size(0) == large);
    CHECK(found.read(1) == "found");
}
