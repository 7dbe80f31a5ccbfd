// HDF5 file format, sections III.A (version 1 B-trees), III.B (symbol table nodes) and III.D (local heaps).
#include "formats/h5/index_check.hpp"
#include "formats/h5/tree_walk.hpp"

namespace layerctl::formats::h5 {
namespace {

[[noreturn]] void fail_damaged() { fail(Code::format, "damaged group"); }

/// The names of a group: a segment of the file with a list of free stretches in it.
class LocalHeap {
public:
    LocalHeap(const File& file, std::uint64_t address) : length_(file.impl().layout.length) {
        const AddressLayout& layout = file.impl().layout;
        const std::string header = raw_bytes(file, layout.base + address, 8 + 2 * layout.length + layout.address);
        ByteReader in(header);
        if (in.take(4) != "HEAP" || in.number(1) != 0U) fail_damaged();
        in.skip(3);
        const std::uint64_t size = in.number(length_).value_or(0), free = in.number(length_).value_or(0);
        segment_ = raw_bytes(file, layout.base + in.number(layout.address).value_or(UINT64_MAX), size);
        check_free_list(free);
    }

    /// A name must begin and end inside.
    void check_name(std::uint64_t offset) const {
        if (offset >= segment_.size() || segment_.find('\0', offset) == std::string::npos) fail_damaged();
    }

private:
    // Each free stretch begins with the offset of the next and its size; 1 ends the list.
    void check_free_list(std::uint64_t offset) const {
        std::size_t stretches = 0;
        while (offset != 1 && offset != UINT64_MAX) {
            if (offset >= segment_.size() || ++stretches > segment_.size() / (2 * length_)) fail_damaged();
            ByteReader in(std::string_view(segment_).substr(offset));
            const auto next = in.number(length_), size = in.number(length_);
            if (!size || *size > segment_.size() - offset) fail_damaged();
            offset = *next;
        }
    }

    std::size_t length_;
    std::string segment_;
};

void check_node(const File& file, const LocalHeap& heap, std::uint64_t address) {
    const AddressLayout& layout = file.impl().layout;
    const std::string head = raw_bytes(file, layout.base + address, 8);
    ByteReader in(head);
    if (in.take(4) != "SNOD" || in.number(1) != 1U) fail_damaged();
    in.skip(1);
    const std::uint64_t count = in.number(2).value_or(0);
    const std::size_t entry_size = layout.length + layout.address + 24;
    const std::string entries = raw_bytes(file, layout.base + address + 8, count * entry_size);
    for (std::size_t i = 0; i < count; ++i) {
        ByteReader entry(std::string_view(entries).substr(i * entry_size, entry_size));
        heap.check_name(entry.number(layout.length).value_or(UINT64_MAX));
        const std::uint64_t header = entry.number(layout.address).value_or(0);
        const std::uint64_t cached = entry.number(4).value_or(0);
        entry.skip(4);
        if (cached == 2) heap.check_name(entry.number(4).value_or(UINT64_MAX));  // a soft link and its target
        else if (header >= file.impl().size) fail_damaged();
    }
}

}  // namespace

void check_symbol_table(const File& file, std::uint64_t tree, std::uint64_t heap_address) {
    const LocalHeap heap(file, heap_address);
    const std::size_t key = file.impl().layout.length;
    walk_tree(file, tree, TreeKind::group, key, [&](std::string_view left, std::string_view right, std::uint64_t node) {
        heap.check_name(little_endian(left));
        heap.check_name(little_endian(right));
        check_node(file, heap, node);
    });
}

}  // namespace layerctl::formats::h5
