#include "formats/h5/file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "formats/h5/hdf5.hpp"
#include "formats/h5/object_header.hpp"
#include "formats/h5/superblock.hpp"
#include "formats/h5/window_driver.hpp"

namespace layerctl::formats::h5 {
namespace {

constexpr std::size_t core_increment = 1 << 16;

H5::FileAccPropList access() {
    H5::FileAccPropList list;
    H5Pset_file_locking(list.getId(), false, true);  // only read here; file systems without locks must do
    return list;
}

/// HDF5 says so too, but not in these words.
void refuse_truncated(std::uint64_t size, const ReadAt& read_at) {
    const auto superblock = find_superblock(size, read_at);
    if (!superblock) fail(Code::format, "damaged or truncated HDF5 file: no signature");
    const auto end = end_of_file(*superblock, read_at);
    if (end && *end > size) fail(Code::format, "truncated HDF5 file: ", size, " of ", *end, " bytes");
}

/// A part of a file that HDF5 reads.
struct OpenPart {
    Window window;

    OpenPart(const std::filesystem::path& path, std::uint64_t offset, std::uint64_t size)
        : window{::open(path.c_str(), O_RDONLY | O_CLOEXEC), offset, size} {
        if (window.descriptor < 0) fail(Code::io, "cannot open the file: ", std::strerror(errno));
    }
    OpenPart(const OpenPart&) = delete;
    OpenPart& operator=(const OpenPart&) = delete;
    ~OpenPart() { ::close(window.descriptor); }
};

std::unique_ptr<File::Impl> open_file(const char* name, std::uint64_t size, const H5::FileAccPropList& list) {
    auto impl = std::make_unique<File::Impl>();
    impl->size = size;
    checked("damaged or truncated HDF5 file",
            [&] { impl->file = H5::H5File(name, H5F_ACC_RDONLY, H5::FileCreatPropList::DEFAULT, list); });
    const H5::FileCreatPropList creation = checked("damaged superblock", [&] { return impl->file.getCreatePlist(); });
    creation.getSizes(impl->layout.address, impl->layout.length);
    impl->layout.base = creation.getUserblock();
    return impl;
}

/// The driver's own handle of an open file: a pointer to a descriptor or to a pointer to memory.
template <class Handle>
const Handle* driver_handle(const File::Impl& impl) {
    void* handle = nullptr;
    checked("cannot reach the file's bytes", H5Fget_vfd_handle(impl.file.getId(), H5P_DEFAULT, &handle));
    return static_cast<const Handle*>(handle);
}

/// The components of a path; empty ones and "." mean nothing, as in HDF5.
std::vector<std::string> components(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        const std::string_view part = path.substr(0, path.find('/'));
        if (!part.empty() && part != ".") parts.emplace_back(part);
        path.remove_prefix(std::min(part.size() + 1, path.size()));
    }
    return parts;
}

std::string_view link_type_name(H5L_type_t type) {
    switch (type) {
        case H5L_TYPE_SOFT: return "a soft link";
        case H5L_TYPE_EXTERNAL: return "a link to another file";
        default: return "a user-defined link";
    }
}

/// Where a hard link leads.
haddr_t link_target(const H5::Group& parent, const std::string& name) {
    H5L_info_t link;
    checked("damaged link", H5Lget_info(parent.getId(), name.c_str(), &link, H5P_DEFAULT));
    if (link.type != H5L_TYPE_HARD)
        fail(Code::refused, "'", name, "' is ", link_type_name(link.type),
             ", which is not followed; wanted the object itself");
    return link.u.address;
}

void check_once(const File& file, haddr_t address) {
    if (file.impl().checked.contains(address)) return;
    check_header(file, address);
    file.impl().checked.insert(address);
}

/// What hangs on a link of a group.
File::Kind child_kind(const File& file, const H5::Group& parent, const std::string& name) {
    if (name.find('\0') != std::string::npos) return File::Kind::absent;
    if (checked("damaged group", H5Lexists(parent.getId(), name.c_str(), H5P_DEFAULT)) == 0) return File::Kind::absent;
    const haddr_t address = link_target(parent, name);
    in_context(cat("object '", name, "'"), [&] { check_once(file, address); });
    H5O_info_t object;
    checked(cat("damaged object '", name, "'"),
            H5Oget_info_by_name2(parent.getId(), name.c_str(), &object, H5O_INFO_BASIC, H5P_DEFAULT));
    switch (object.type) {
        case H5O_TYPE_GROUP: return File::Kind::group;
        case H5O_TYPE_DATASET: return File::Kind::dataset;
        default: return File::Kind::other;
    }
}

H5::Group root_of(const File& file) {
    return checked("damaged root group", [&] {
        const H5::Group root = file.impl().file.openGroup("/");
        H5O_info_t info;
        checked("damaged root group", H5Oget_info2(root.getId(), &info, H5O_INFO_BASIC));
        in_context("root group", [&] { check_once(file, info.addr); });
        return root;
    });
}

/// The group that holds the last component, or nothing if there is no such group. The one opened last is kept: objects
/// are asked for group by group.
std::optional<H5::Group> open_parent(const File& file, const std::vector<std::string>& parts) {
    File::Impl& impl = file.impl();
    const std::vector<std::string> path(parts.begin(), parts.end() - 1);
    if (impl.last_group && impl.last_path == path) return impl.last_group;
    H5::Group group = root_of(file);
    for (const std::string& part : path) {
        if (child_kind(file, group, part) != File::Kind::group) return std::nullopt;
        group = checked(cat("damaged group '", part, "'"), [&] { return group.openGroup(part); });
    }
    impl.last_path = path;
    impl.last_group = group;
    impl.last_child.clear();
    return group;
}

/// What hangs on a link of the group that `open_parent` gave last. It is asked for before the object is opened, too.
File::Kind kind_of(const File& file, const H5::Group& parent, const std::string& name) {
    File::Impl& impl = file.impl();
    if (impl.last_child == name) return impl.last_kind;
    impl.last_kind = child_kind(file, parent, name);
    impl.last_child = name;
    return impl.last_kind;
}

herr_t append_name(hid_t, const char* name, const H5L_info_t*, void* names) {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
}

}  // namespace

std::shared_ptr<const File> File::open(const std::filesystem::path& path) {
    const Session session;
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error) fail(Code::io, "cannot open the file: ", error.message());
    refuse_truncated(size, reader_of(path));
    auto impl = open_file(path.c_str(), size, access());
    impl->handle = driver_handle<int>(*impl);
    return std::make_shared<const File>(std::move(impl));
}

std::shared_ptr<const File> File::open(const std::filesystem::path& path, std::uint64_t offset, std::uint64_t size) {
    const Session session;
    const ReadAt whole = reader_of(path);
    refuse_truncated(size, [&](std::uint64_t at, std::size_t count) {
        return at < size ? whole(offset + at, std::min<std::uint64_t>(count, size - at)) : std::string();
    });
    const auto part = std::make_shared<OpenPart>(path, offset, size);
    auto impl = open_file(memory_name().c_str(), size, access_to(part->window));
    impl->held = part;
    impl->handle = driver_handle<int>(*impl);
    impl->begin = offset;
    return std::make_shared<const File>(std::move(impl));
}

std::shared_ptr<const File> File::open(std::span<const std::byte> bytes) {
    const Session session;
    refuse_truncated(bytes.size(), reader_of(as_text(bytes)));
    H5::FileAccPropList list = access();
    checked("cannot prepare an HDF5 file in memory", [&] { list.setCore(core_increment, false); });
    void* image = const_cast<std::byte*>(bytes.data());  // HDF5 copies it
    checked("cannot prepare an HDF5 file in memory", H5Pset_file_image(list.getId(), image, bytes.size()));
    auto impl = open_file(memory_name().c_str(), bytes.size(), list);
    impl->image = driver_handle<const char*>(*impl);
    return std::make_shared<const File>(std::move(impl));
}

File::File(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

File::~File() {
    const Session session;
    impl_.reset();
}

File::Kind File::kind(std::string_view path) const {
    const Session session;
    const std::vector<std::string> parts = components(path);
    if (parts.empty()) return Kind::group;
    const std::optional<H5::Group> parent = open_parent(*this, parts);
    return parent ? kind_of(*this, *parent, parts.back()) : Kind::absent;
}

std::uint64_t File::identity(std::string_view path) const {
    const Session session;
    const std::vector<std::string> parts = components(path);
    const std::optional<H5::Group> parent = parts.empty() ? std::nullopt : open_parent(*this, parts);
    return parent ? link_target(*parent, parts.back()) : 0;
}

std::vector<std::string> File::members(std::string_view group) const {
    const Session session;
    std::vector<std::string> names;
    const H5::Group opened = open_group(*this, group);
    hsize_t position = 0;
    checked("damaged group", H5Literate(opened.getId(), H5_INDEX_NAME, H5_ITER_INC, &position, append_name, &names));
    return names;
}

H5::Group open_group(const File& file, std::string_view path) {
    const std::vector<std::string> parts = components(path);
    if (parts.empty()) return root_of(file);
    const std::optional<H5::Group> parent = open_parent(file, parts);
    if (!parent || kind_of(file, *parent, parts.back()) != File::Kind::group)
        fail(Code::format, "wanted a group '", path, "', found none");
    return checked("damaged group", [&] { return parent->openGroup(parts.back()); });
}

H5::DataSet open_dataset(const File& file, std::string_view path) {
    const std::vector<std::string> parts = components(path);
    const std::optional<H5::Group> parent = parts.empty() ? std::nullopt : open_parent(file, parts);
    if (!parent || kind_of(file, *parent, parts.back()) != File::Kind::dataset)
        fail(Code::format, "wanted a dataset '", path, "', found none");
    return checked("damaged dataset", [&] { return parent->openDataSet(parts.back()); });
}

namespace {

/// The file may reach further than memory for its bytes does.
void check_reach(const File& file, std::uint64_t offset, std::uint64_t count) {
    const std::uint64_t size = file.impl().size;
    if (offset > size || count > size - offset)
        fail(Code::format, "damaged HDF5 file: ", count, " bytes at ", offset, " reach beyond its end");
}

}  // namespace

void read_raw(const File& file, std::uint64_t offset, std::span<std::byte> to) {
    check_reach(file, offset, to.size());
    const File::Impl& impl = file.impl();
    if (impl.image != nullptr) {
        std::memcpy(to.data(), *impl.image + offset, to.size());
        return;
    }
    for (std::uint64_t got = 0; got < to.size();) {
        const auto place = static_cast<off_t>(impl.begin + offset + got);
        const ssize_t more = pread(*impl.handle, to.data() + got, to.size() - got, place);
        if (more <= 0) fail(Code::io, "cannot read the file: ", std::strerror(errno));
        got += static_cast<std::uint64_t>(more);
    }
}

std::string raw_bytes(const File& file, std::uint64_t offset, std::uint64_t count) {
    check_reach(file, offset, count);
    std::string bytes(count, '\0');
    read_raw(file, offset, std::as_writable_bytes(std::span(bytes)));
    return bytes;
}

std::shared_ptr<std::byte> file_pages(const File& file, std::uint64_t offset) {
    File::Impl& impl = file.impl();
    if (impl.handle == nullptr) return nullptr;
    if (impl.pages == nullptr) {
        const std::uint64_t size = impl.begin + impl.size;
        void* pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, *impl.handle, 0);
        if (pages == MAP_FAILED) return nullptr;
        impl.pages = {static_cast<std::byte*>(pages), [size](std::byte* at) { munmap(at, size); }};
    }
    return {impl.pages, impl.pages.get() + impl.begin + offset};
}

}  // namespace layerctl::formats::h5
