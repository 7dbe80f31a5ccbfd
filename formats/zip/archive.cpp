#include "formats/zip/archive.hpp"

#include <sys/stat.h>
#include <zip.h>

#include <algorithm>

#include "models/error.hpp"
#include "models/limits.hpp"

namespace layerctl::formats {
namespace {

constexpr std::uint64_t slack = 1UL << 20;
constexpr std::size_t piece_bytes = 1UL << 20;

struct MemberCloser {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Member = std::unique_ptr<zip_file_t, MemberCloser>;

zip_t* as_zip(void* archive) { return static_cast<zip_t*>(archive); }

std::string text_of(zip_error_t& error) {
    std::string text = zip_error_strerror(&error);
    zip_error_fini(&error);
    return text;
}

zip_t* open_archive(zip_source_t* source) {
    zip_error_t error;
    zip_error_init(&error);
    zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
    if (archive == nullptr) {
        zip_source_free(source);
        fail(Code::format, "damaged or truncated zip archive: ", text_of(error));
    }
    zip_error_fini(&error);
    return archive;
}

zip_stat_t member_stat(zip_t* archive, std::size_t index) {
    zip_stat_t stat;
    constexpr zip_uint64_t needed =
        ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if (zip_stat_index(archive, index, 0, &stat) != 0 || (stat.valid & needed) != needed)
        fail(Code::format, "damaged zip archive: ", zip_strerror(archive));
    return stat;
}

// The size a member claims is allocated at once, so it must be one its stored bytes can expand to.
void check_member(const zip_stat_t& stat, std::uint64_t archive_bytes, ZipArchive::Expansion expansion) {
    if (stat.encryption_method != ZIP_EM_NONE) fail(Code::unsupported, "encrypted zip member '", stat.name, "'");
    if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)
        fail(Code::unsupported, "zip member '", stat.name, "' is compressed by method ", stat.comp_method,
             ", wanted stored or deflate");
    check_expansion(stat.name, std::min<std::uint64_t>(stat.comp_size, archive_bytes), stat.size, expansion);
}

void refuse_link(zip_t* archive, std::size_t index, const char* name) {
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;
    if (zip_file_get_external_attributes(archive, index, 0, &system, &attributes) == 0 && system == ZIP_OPSYS_UNIX &&
        S_ISLNK(attributes >> 16))
        fail(Code::refused, "zip member '", name, "' is a link");
}

/// Through a buffer, which keeps what it has room for. The checksum and the size it claims are checked.
void unpack(zip_t* archive, std::size_t index, std::string& buffer) {
    const zip_stat_t stat = member_stat(archive, index);
    const Member member(zip_fopen_index(archive, index, 0));
    if (!member) fail(Code::format, "zip member '", stat.name, "': ", zip_strerror(archive));
    zip_uint64_t total = 0;
    zip_int64_t got = 0;
    do {
        got = zip_fread(member.get(), buffer.data(), std::min<zip_uint64_t>(buffer.size(), stat.size - total));
        total += got > 0 ? static_cast<zip_uint64_t>(got) : 0;
    } while (got > 0 && total < stat.size);
    char beyond = 0;
    if (total != stat.size || zip_fread(member.get(), &beyond, 1) != 0)
        fail(Code::format, "zip member '", stat.name, "' is damaged: ", zip_file_strerror(member.get()));
}

}  // namespace

void ZipArchive::Closer::operator()(void* archive) const { zip_discard(as_zip(archive)); }

ZipArchive::ZipArchive(std::span<const std::byte> bytes)
    : ZipArchive(std::unique_ptr<void, Closer>(
                     open_archive(zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr))),
                 bytes.size()) {
    if (bytes.empty()) fail(Code::format, "damaged or truncated zip archive: no bytes");
}

ZipArchive::ZipArchive(const std::filesystem::path& path)
    : ZipArchive(std::unique_ptr<void, Closer>(open_archive(zip_source_file_create(path.c_str(), 0, -1, nullptr))),
          std::filesystem::file_size(path)) {}

ZipArchive::ZipArchive(std::unique_ptr<void, Closer> archive, std::uint64_t archive_bytes)
    : archive_(std::move(archive)), archive_bytes_(archive_bytes) {
    zip_t* const zip = as_zip(archive_.get());
    const zip_int64_t count = zip_get_num_entries(zip, 0);
    std::uint64_t claimed = 0, stored = 0;
    for (zip_int64_t i = 0; i < count; ++i) {
        const zip_stat_t stat = member_stat(zip, static_cast<std::size_t>(i));
        names_.emplace_back(stat.name);
        refuse_link(zip, static_cast<std::size_t>(i), stat.name);
        if (__builtin_add_overflow(claimed, stat.size, &claimed) ||
            claimed > archive_bytes_ * limits::expansion + slack)
            fail(Code::refused, "zip archive of ", archive_bytes_, " bytes claims to hold ", claimed, " or more");
        if (__builtin_add_overflow(stored, stat.comp_size, &stored) || stored > archive_bytes_)
            fail(Code::refused, "zip archive of ", archive_bytes_, " bytes whose members take ", stored, " or more");
    }
    std::vector<std::string> sorted = names_;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) fail(Code::refused, "zip archive with two members named '", *twice, "'");
}

void check_expansion(std::string_view name, std::uint64_t stored, std::uint64_t size, ZipArchive::Expansion expansion) {
    if (size > stored * limits::expansion + slack)
        fail(Code::refused, "zip member '", name, "' claims ", size, " bytes, found ", stored, " stored ones");
    if (expansion == ZipArchive::Expansion::of_model && size > limits::plain_member_bytes &&
        size / limits::member_expansion > stored)
        fail(Code::refused, "zip member '", name, "' expands from ", stored, " bytes to ", size,
             ", more than a part of a model does");
}

std::uint64_t ZipArchive::size(std::size_t index) const { return member_stat(as_zip(archive_.get()), index).size; }

std::string ZipArchive::read(std::size_t index, Expansion expansion) const {
    const zip_stat_t stat = member_stat(as_zip(archive_.get()), index);
    check_member(stat, archive_bytes_, expansion);
    std::string contents(stat.size, '\0');
    unpack(as_zip(archive_.get()), index, contents);
    return contents;
}

void ZipArchive::check(std::size_t index, Expansion expansion) const {
    check_member(member_stat(as_zip(archive_.get()), index), archive_bytes_, expansion);
    std::string piece(piece_bytes, '\0');
    unpack(as_zip(archive_.get()), index, piece);
}

}  // namespace layerctl::formats
