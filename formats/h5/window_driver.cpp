// A driver of HDF5's virtual file layer.
#include "formats/h5/window_driver.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>

#include "formats/output_file.hpp"

namespace layerctl::formats::h5 {
namespace {

constexpr haddr_t greatest_address = haddr_t{1} << 62U;

/// HDF5 sees the first member only.
struct OpenWindow {
    H5FD_t driver{};
    Window* window = nullptr;
    haddr_t end = 0;  // of what HDF5 has allocated
};

OpenWindow& self(H5FD_t* file) { return *reinterpret_cast<OpenWindow*>(file); }
const OpenWindow& self(const H5FD_t* file) { return *reinterpret_cast<const OpenWindow*>(file); }

H5FD_t* open_window(const char*, unsigned flags, hid_t access, haddr_t) {
    const void* info = H5Pget_driver_info(access);
    auto* file = info == nullptr ? nullptr : new (std::nothrow) OpenWindow;
    if (file == nullptr) return nullptr;
    file->window = *static_cast<Window* const*>(info);
    if ((flags & H5F_ACC_TRUNC) != 0) file->window->size = 0;
    return &file->driver;
}

herr_t close_window(H5FD_t* file) {
    delete &self(file);
    return 0;
}

/// What HDF5 may do for its driver of plain files.
herr_t tell_features(const H5FD_t*, unsigned long* features) {
    *features = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
                H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

haddr_t allocated_end(const H5FD_t* file, H5FD_mem_t) { return self(file).end; }

herr_t set_allocated_end(H5FD_t* file, H5FD_mem_t, haddr_t end) {
    self(file).end = end;
    return 0;
}

haddr_t written_end(const H5FD_t* file, H5FD_mem_t) { return self(file).window->size; }

herr_t give_descriptor(H5FD_t* file, hid_t, void** handle) {
    *handle = &self(file).window->descriptor;
    return 0;
}

/// Zeros behind the end, as from a plain file.
herr_t read_window(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t count, void* buffer) {
    const Window& window = *self(file).window;
    auto* bytes = static_cast<char*>(buffer);
    std::size_t left = address < window.size ? std::min<std::uint64_t>(count, window.size - address) : 0;
    std::memset(bytes + left, 0, count - left);
    while (left > 0) {
        const ssize_t got = pread(window.descriptor, bytes, left, static_cast<off_t>(window.begin + address));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return -1;
        bytes += got;
        address += static_cast<haddr_t>(got);
        left -= static_cast<std::size_t>(got);
    }
    return 0;
}

herr_t write_window(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t count, const void* buffer) {
    Window& window = *self(file).window;
    if (window.error == 0)
        window.error =
            write_pieces(window.descriptor, window.begin + address, {static_cast<const char*>(buffer), count});
    if (window.error == 0) window.size = std::max<std::uint64_t>(window.size, address + count);
    return 0;
}

/// HDF5 may have allocated more than it wrote.
herr_t truncate_window(H5FD_t* file, hid_t, hbool_t) {
    Window& window = *self(file).window;
    if (window.size == self(file).end || window.error != 0) return 0;
    window.size = self(file).end;
    if (ftruncate(window.descriptor, static_cast<off_t>(window.begin + window.size)) != 0) window.error = errno;
    return 0;
}

H5FD_class_t described() {
    H5FD_class_t driver{};
    driver.name = "layerctl window";
    driver.maxaddr = greatest_address;
    driver.fc_degree = H5F_CLOSE_WEAK;
    driver.fapl_size = sizeof(Window*);
    driver.open = open_window;
    driver.close = close_window;
    driver.query = tell_features;
    driver.get_eoa = allocated_end;
    driver.set_eoa = set_allocated_end;
    driver.get_eof = written_end;
    driver.get_handle = give_descriptor;
    driver.read = read_window;
    driver.write = write_window;
    driver.truncate = truncate_window;
    constexpr std::array<H5FD_mem_t, H5FD_MEM_NTYPES> free_lists = H5FD_FLMAP_DICHOTOMY;
    std::copy(free_lists.begin(), free_lists.end(), driver.fl_map);
    return driver;
}

hid_t driver_id() {
    static const H5FD_class_t driver = described();
    static const hid_t id = H5FDregister(&driver);
    return checked("cannot prepare a part of a file for HDF5", id);
}

}  // namespace

H5::FileAccPropList access_to(Window& window) {
    H5::FileAccPropList list;
    const Window* info = &window;
    checked("cannot prepare a part of a file for HDF5", H5Pset_driver(list.getId(), driver_id(), &info));
    return list;
}

}  // namespace layerctl::formats::h5
