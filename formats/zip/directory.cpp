#include "formats/zip/directory.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "models/limits.hpp"

namespace layerctl::formats {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view local_signature = "PK\x03\x04"sv, entry_signature = "PK\x01\x02"sv,
                           end_signature = "PK\x05\x06"sv, end64_signature = "PK\x06\x06"sv,
                           locator_signature = "PK\x06\x07"sv;
constexpr std::size_t local_bytes = 30, end_bytes = 22, end64_bytes = 56, locator_bytes = 20;
constexpr std::size_t longest_comment = 0xffff;
constexpr std::uint64_t in_extra = 0xffffffff;  // the number is too large for its field and stands in the extra field
constexpr std::uint64_t zip64_extra = 1, made_on_unix = 3;

/// Puts the large numbers of a zip64 extra field where the small ones say so, in the order of the format.
void take_zip64(std::string_view extra, std::initializer_list<std::uint64_t*> numbers) {
    for (ByteReader in(extra); in.left() >= 4;) {
        const std::uint64_t id = in.number(2).value_or(0), size = in.number(2).value_or(0);
        const auto body = in.take(size);
        if (!body || id != zip64_extra) continue;
        ByteReader large(*body);
        for (std::uint64_t* number : numbers)
            if (*number == in_extra) *number = large.number(8).value_or(in_extra);
        return;
    }
}

/// The header before the bytes of a member. Sums beyond 64 bits are kept at the greatest number.
std::optional<ZipEntry> read_local(std::uint64_t offset, const ReadAt& read_at) {
    const std::string header = read_at(offset, local_bytes);
    if (header.size() < local_bytes || !header.starts_with(local_signature)) return std::nullopt;
    ByteReader in(header);
    in.skip(8);
    ZipEntry entry;
    entry.method = *in.number(2);
    in.skip(8);
    entry.stored = *in.number(4);
    entry.size = *in.number(4);
    const std::size_t name = *in.number(2), extra = *in.number(2);
    const std::string rest = read_at(offset + local_bytes, name + extra);
    entry.name = rest.substr(0, name);
    if (rest.size() > name) take_zip64(std::string_view(rest).substr(name), {&entry.size, &entry.stored});
    entry.begin = offset;
    if (__builtin_add_overflow(offset + local_bytes + name + extra, entry.stored, &entry.end)) entry.end = UINT64_MAX;
    return entry;
}

/// An entry of the directory; where its bytes end is found at its local header.
std::optional<ZipEntry> take_entry(ByteReader& in, const ReadAt& read_at) {
    if (in.take(4) != entry_signature) return std::nullopt;
    ZipEntry entry;
    in.skip(1);
    const std::uint64_t system = in.number(1).value_or(0);
    in.skip(4);
    entry.method = in.number(2).value_or(0);
    in.skip(8);
    entry.stored = in.number(4).value_or(0);
    entry.size = in.number(4).value_or(0);
    const std::size_t name = in.number(2).value_or(0), extra = in.number(2).value_or(0),
                      comment = in.number(2).value_or(0);
    in.skip(4);
    const std::uint64_t attributes = in.number(4).value_or(0);
    entry.begin = in.number(4).value_or(0);
    const auto name_text = in.take(name), extra_field = in.take(extra);
    if (!name_text || !extra_field || !in.skip(comment)) return std::nullopt;
    entry.name = *name_text;
    take_zip64(*extra_field, {&entry.size, &entry.stored, &entry.begin});
    entry.is_link = system == made_on_unix && S_ISLNK(attributes >> 16U);
    const auto local = read_local(entry.begin, read_at);
    const std::uint64_t head = local ? local->end - local->stored : entry.begin;
    if (__builtin_add_overflow(head, entry.stored, &entry.end)) entry.end = UINT64_MAX;
    return entry;
}

/// Where the directory lies.
struct End {
    std::uint64_t entries = 0, bytes = 0, begin = 0, end = 0, comment = 0;
};

void take_end64(std::uint64_t end_record, const ReadAt& read_at, End& end) {
    if (end_record < locator_bytes) return;
    const std::string locator = read_at(end_record - locator_bytes, locator_bytes);
    if (!locator.starts_with(locator_signature)) return;
    const std::string record = read_at(little_endian(std::string_view(locator).substr(8, 8)), end64_bytes);
    if (record.size() < end64_bytes || !record.starts_with(end64_signature)) return;
    ByteReader in(record);
    in.skip(32);
    end.entries = *in.number(8);
    end.bytes = *in.number(8);
    end.begin = *in.number(8);
}

std::optional<End> find_end(std::uint64_t size, const ReadAt& read_at) {
    const std::uint64_t from = size - std::min<std::uint64_t>(size, end_bytes + longest_comment);
    const std::string tail = read_at(from, static_cast<std::size_t>(size - from));
    const std::size_t at = tail.rfind(end_signature);
    if (at == std::string::npos || at + end_bytes > tail.size()) return std::nullopt;
    ByteReader in(std::string_view(tail).substr(at));
    in.skip(10);
    End end;
    end.entries = *in.number(2);
    end.bytes = *in.number(4);
    end.begin = *in.number(4);
    end.comment = *in.number(2);
    end.end = from + at + end_bytes + end.comment;
    take_end64(from + at, read_at, end);
    return end;
}

}  // namespace

bool leads_outside(std::string_view name) {
    if (name.starts_with('/') || name.find('\\') != std::string_view::npos) return true;
    while (!name.empty()) {
        const std::string_view component = name.substr(0, name.find('/'));
        if (component == "..") return true;
        name.remove_prefix(std::min(component.size() + 1, name.size()));
    }
    return false;
}

std::optional<ZipDirectory> read_zip_directory(std::uint64_t size, const ReadAt& read_at) {
    const auto end = find_end(size, read_at);
    if (!end || end->begin > size || end->bytes > size - end->begin || end->bytes > limits::json_bytes)
        return std::nullopt;
    ZipDirectory directory{{}, end->begin, end->end, end->comment};
    const std::string records = read_at(end->begin, static_cast<std::size_t>(end->bytes));
    ByteReader in(records);
    for (std::uint64_t i = 0; i < end->entries; ++i) {
        auto entry = take_entry(in, read_at);
        if (!entry) return std::nullopt;
        directory.entries.push_back(std::move(*entry));
    }
    return directory;
}

std::optional<ZipEntry> find_cut_member(std::uint64_t size, const ReadAt& read_at) {
    for (std::uint64_t offset = 0; offset < size;) {
        auto entry = read_local(offset, read_at);
        if (!entry) return std::nullopt;
        if (entry->end > size) return entry;
        offset = entry->end;
    }
    return std::nullopt;
}

}  // namespace layerctl::formats
