// The HDF5 library as the files of this folder use it: one thread at a time, silent, without plugins, failing with
// Error.
#pragma once

#include <H5Cpp.h>

#include <concepts>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "formats/h5/file.hpp"
#include "models/error.hpp"

namespace layerctl::formats::h5 {

/// Whoever calls HDF5 holds one: the library is one state machine for the whole process, and not thread-safe as Linux
/// distributions build it. Error printing and loading of filter plug-ins are off meanwhile, then as they were.
class Session {
public:
    Session();
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

private:
    std::unique_lock<std::recursive_mutex> lock_;
    H5E_auto2_t print_ = nullptr;
    void* print_data_ = nullptr;
    unsigned plugins_ = 0;
};

/// A name for a file in memory that no other has: HDF5 takes two open ones of the same name for one and the same.
std::string memory_name();

/// The innermost reason of HDF5's last failure.
std::string reason();

/// Runs one HDF5 call; a failure of it is Code::format: "<trouble> (<HDF5's reason>)".
template <std::invocable Action>
decltype(auto) checked(std::string_view trouble, Action&& action) {
    try {
        return std::forward<Action>(action)();
    } catch (const H5::Exception&) {
        fail(Code::format, trouble, " (", reason(), ")");
    }
}

/// The same for HDF5's C functions, which return a negative number on failure.
template <std::integral Result>
Result checked(std::string_view trouble, Result result) {
    if (result < 0) fail(Code::format, trouble, " (", reason(), ")");
    return result;
}

/// Widths and origin of the addresses in a file.
struct AddressLayout {
    std::size_t address = 8;
    std::size_t length = 8;
    std::uint64_t base = 0;  // behind the user block
};

struct File::Impl {
    std::shared_ptr<const void> held;  // what the bytes lie in, as long as HDF5 reads them
    H5::H5File file;
    AddressLayout layout;
    std::vector<std::string> last_path;  // the group opened last
    std::optional<H5::Group> last_group;
    std::string last_child;  // of that group: the object asked for last
    File::Kind last_kind = File::Kind::absent;
    std::unordered_set<haddr_t> checked;  // headers found sound (object_header.hpp)
    std::uint64_t size = 0;               // bytes there are, whatever the file says
    const int* handle = nullptr;          // descriptor of a file on disk
    std::uint64_t begin = 0;              // offset of this file in that one
    const char* const* image = nullptr;   // bytes of a file in memory
    std::shared_ptr<std::byte> pages;     // of the whole file on disk, once they were asked for
};

/// The file's bytes from `offset` on, as pages of the file on disk that stay as long as they are held; null if the file
/// is in memory or cannot be mapped. Written pages are copies.
std::shared_ptr<std::byte> file_pages(const File& file, std::uint64_t offset);

/// The group or dataset at that path; Code::format if it is absent or something else.
H5::Group open_group(const File& file, std::string_view path);
H5::DataSet open_dataset(const File& file, std::string_view path);

/// Takes over a list of properties that a C function gave.
H5::PropList owned_properties(hid_t list);

/// The names of an object's attributes, sorted.
std::vector<std::string> attribute_names(const H5::H5Object& object);

/// Gives an object of another file an attribute as it stands here: type, character sets, shape and bytes. Types whose
/// values lie elsewhere are Code::unsupported, but for strings.
void copy_attribute(const File& file, const H5::H5Object& from, const std::string& name, const H5::H5Object& to);

/// Bytes of the file as they lie in it; Code::format if they reach beyond its end.
std::string raw_bytes(const File& file, std::uint64_t offset, std::uint64_t count);
void read_raw(const File& file, std::uint64_t offset, std::span<std::byte> to);

}  // namespace layerctl::formats::h5
