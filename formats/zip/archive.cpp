#include "formats/zip/archive.hpp"

#include <sys/stat.h>
#include <zip.h>

#include <algorithm>

#include "models/error.hpp"
#include "models/limits.hpp"

namespace layerctl::formats {
namespace {

constexpr std::uint64_t slack = 1UL << 20;
constexpr zip_uint16_t dos_1980_01_01 = (1U << 5) | 1U;

struct MemberCloser {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};
struct Discarder {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, Discarder>;
using Member = std::unique_ptr<zip_file_t, MemberCloser>;

zip_t* as_zip(void* archive) { return static_cast<zip_t*>(archive); }

std::string text_of(zip_error_t& error) {
    std::string text = zip_error_strerror(&error);
    zip_error_fini(&error);
    return text;
}

zip_t* open_archive(zip_source_t* source, int flags) {
    zip_error_t error;
    zip_error_init(&error);
    zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, flags, &error);
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

/// What was written to `source`.
std::string contents_of(zip_source_t* source) {
    zip_stat_t stat;
    if (zip_source_stat(source, &stat) != 0 || zip_source_open(source) != 0)
        fail(Code::internal, "no zip archive was written");
    std::string bytes(stat.size, '\0');
    const zip_int64_t got = zip_source_read(source, bytes.data(), bytes.size());
    zip_source_close(source);
    if (got != static_cast<zip_int64_t>(bytes.size())) fail(Code::internal, "cannot read back a zip archive");
    return bytes;
}

void add_member(zip_t* archive, const std::string& name, const std::string& contents) {
    zip_source_t* source = zip_source_buffer(archive, contents.data(), contents.size(), 0);
    const zip_int64_t index = source == nullptr ? -1 : zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        fail(Code::internal, "cannot add zip member '", name, "': ", zip_strerror(archive));
    }
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
    zip_file_set_dostime(archive, static_cast<zip_uint64_t>(index), 0, dos_1980_01_01, 0);
}

}  // namespace

void ZipArchive::Closer::operator()(void* archive) const { zip_discard(as_zip(archive)); }

ZipArchive::ZipArchive(std::span<const std::byte> bytes)
    : ZipArchive(std::unique_ptr<void, Closer>(
                     open_archive(zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr), ZIP_RDONLY)),
                 bytes.size()) {
    if (bytes.empty()) fail(Code::format, "damaged or truncated zip archive: no bytes");
}

ZipArchive::ZipArchive(const std::filesystem::path& path)
    : ZipArchive(
          std::unique_ptr<void, Closer>(open_archive(zip_source_file_create(path.c_str(), 0, -1, nullptr), ZIP_RDONLY)),
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
    const Member member(zip_fopen_index(as_zip(archive_.get()), index, 0));
    if (!member) fail(Code::format, "zip member '", stat.name, "': ", zip_strerror(as_zip(archive_.get())));
    std::string contents(stat.size, '\0');
    zip_int64_t got = zip_fread(member.get(), contents.data(), contents.size());
    char beyond = 0;
    if (got == static_cast<zip_int64_t>(contents.size())) got += zip_fread(member.get(), &beyond, 1);
    if (got != static_cast<zip_int64_t>(contents.size()))
        fail(Code::format, "zip member '", stat.name, "' is damaged: ", zip_file_strerror(member.get()));
    return contents;
}

std::string write_zip(const std::vector<std::pair<std::string, std::string>>& members) {
    if (members.empty()) return "PK\x05\x06" + std::string(18, '\0');  // libzip writes nothing at all
    zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, nullptr);
    Archive archive(open_archive(target, ZIP_TRUNCATE));
    zip_source_keep(target);
    const std::unique_ptr<zip_source_t, void (*)(zip_source_t*)> kept(target, zip_source_free);
    for (const auto& [name, contents] : members) add_member(archive.get(), name, contents);
    if (zip_close(archive.get()) != 0)
        fail(Code::internal, "cannot write a zip archive: ", zip_strerror(archive.get()));
    static_cast<void>(archive.release());
    return contents_of(target);
}

}  // namespace layerctl::formats
