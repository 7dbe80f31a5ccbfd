#include "formats/h5/hdf5.hpp"

#include <atomic>
#include <cstdint>
#include <cstdlib>

#include "formats/h5/lzf.hpp"

namespace layerctl::formats::h5 {
namespace {

std::recursive_mutex& library() {
    static std::recursive_mutex mutex;
    return mutex;
}

// HDF5 counts at exit what damaged files kept open, and would print that.
void silence_exit() {
    static const bool registered =
        H5open() >= 0 && std::atexit([] { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }) == 0;
    static_cast<void>(registered);
}

herr_t keep_innermost(unsigned, const H5E_error2_t* entry, void* text) {
    if (entry->desc != nullptr && *entry->desc != '\0') *static_cast<std::string*>(text) = entry->desc;
    return 1;  // stop
}

}  // namespace

Session::Session() : lock_(library()) {
    silence_exit();
    H5Eget_auto2(H5E_DEFAULT, &print_, &print_data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5PLget_loading_state(&plugins_);
    H5PLset_loading_state(0);
    register_lzf();
}

Session::~Session() {
    H5PLset_loading_state(plugins_);
    H5Eset_auto2(H5E_DEFAULT, print_, print_data_);
}

std::string memory_name() {
    static std::atomic<std::uint64_t> count = 0;
    return "memory " + std::to_string(++count);
}

H5::PropList owned_properties(hid_t list) {
    H5::PropList copy(checked("cannot read properties", list));
    H5Pclose(list);
    return copy;
}

std::string reason() {
    std::string text = "no reason given";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &text);
    return text;
}

}  // namespace layerctl::formats::h5
