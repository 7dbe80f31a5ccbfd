#include "formats/zip/stored_archive.hpp"

#include <zlib.h>

#include <algorithm>

#include "models/error.hpp"

namespace layerctl::formats {
namespace {

constexpr std::uint64_t version = 45;         // of the format, the first with 64-bit sizes
constexpr std::uint64_t utf8_names = 0x0800;  // a flag
constexpr std::uint64_t stored = 0;           // a method
constexpr std::uint64_t dos_1980_01_01 = (1U << 5U) | 1U;
constexpr std::uint64_t zip64_extra = 1;
constexpr std::uint64_t in_extra = 0xffffffff, many = 0xffff;

std::string number(std::uint64_t value, std::size_t width) {
    std::string bytes;
    for (std::size_t i = 0; i < width; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xffU);
    return bytes;
}

/// Numbers of 64 bits for those that their fields cannot hold.
std::string extra_of(std::string_view numbers) {
    return number(zip64_extra, 2) + number(numbers.size(), 2) + std::string(numbers);
}

/// Where everything is described: version to checksum.
std::string description(std::uint32_t checksum) {
    return number(version, 2) + number(utf8_names, 2) + number(stored, 2) + number(0, 2) + number(dos_1980_01_01, 2) +
           number(checksum, 4);
}

std::uint32_t checksum_of(const OutputFile& file, std::uint64_t begin) {
    uLong sum = 0;
    file.read(begin, [&](std::string_view piece) {
        sum = crc32_z(sum, reinterpret_cast<const Bytef*>(piece.data()), piece.size());
    });
    return static_cast<std::uint32_t>(sum);
}

}  // namespace

/// The sizes are in the extra field, where they have room whatever they will be; Keras does the same.
std::string StoredArchive::header_of(const Member& member) {
    const std::string extra = extra_of(number(member.size, 8) + number(member.size, 8));
    return "PK\x03\x04" + description(member.checksum) + number(in_extra, 4) + number(in_extra, 4) +
           number(member.name.size(), 2) + number(extra.size(), 2) + member.name + extra;
}

std::string StoredArchive::entry_of(const Member& member) {
    std::string large;
    const auto field = [&](std::uint64_t value, int times) {
        if (value >= in_extra)
            for (int i = 0; i < times; ++i) large += number(value, 8);
        return number(std::min(value, in_extra), 4);
    };
    const std::string size = field(member.size, 2), header = field(member.header, 1);
    const std::string extra = large.empty() ? "" : extra_of(large);
    return "PK\x01\x02" + number(version, 2) + description(member.checksum) + size + size +
           number(member.name.size(), 2) + number(extra.size(), 2) + std::string(10, '\0') + header + member.name +
           extra;
}

void StoredArchive::add(const std::string& name, std::string_view contents) {
    add(name, [&](std::uint64_t begin) { file_.write_at(begin, contents); });
}

void StoredArchive::add(const std::string& name, const std::function<void(std::uint64_t begin)>& write) {
    if (name.size() > many) fail(Code::unsupported, "a member's name of ", name.size(), " bytes");
    Member member{name, end_};
    const std::uint64_t begin = end_ + header_of(member).size();
    write(begin);
    end_ = std::max(begin, file_.size());
    member.size = end_ - begin;
    member.checksum = checksum_of(file_, begin);
    file_.write_at(member.header, header_of(member));
    members_.push_back(std::move(member));
}

void StoredArchive::finish() {
    std::string directory;
    for (const Member& member : members_) directory += entry_of(member);
    const std::uint64_t count = members_.size(), size = directory.size();
    if (count >= many || end_ >= in_extra || size >= in_extra) {
        const std::string locator = "PK\x06\x07" + number(0, 4) + number(end_ + size, 8) + number(1, 4);
        directory += "PK\x06\x06" + number(44, 8) + number(version, 2) + number(version, 2) + std::string(8, '\0') +
                     number(count, 8) + number(count, 8) + number(size, 8) + number(end_, 8) + locator;
    }
    directory += "PK\x05\x06" + std::string(4, '\0') + number(std::min(count, many), 2) +
                 number(std::min(count, many), 2) + number(std::min(size, in_extra), 4) +
                 number(std::min(end_, in_extra), 4) + number(0, 2);
    file_.write_at(end_, directory);
}

}  // namespace layerctl::formats
