#include "formats/h5/tree_walk.hpp"

#include <unordered_set>

namespace layerctl::formats::h5 {
namespace {

[[noreturn]] void fail_damaged() { fail(Code::format, "damaged B-tree"); }

class TreeWalk {
public:
    TreeWalk(const File& file, TreeKind kind, std::size_t key_size, const LeafVisitor& visit)
        : file_(file), layout_(file.impl().layout), kind_(kind), key_size_(key_size), visit_(visit) {}

    void root(std::uint64_t address) { node(address, level_at(address)); }

private:
    static constexpr std::size_t before_siblings = 8;  // signature, kind, level, number of entries

    std::string head(std::uint64_t address) const {
        const std::string bytes = raw_bytes(file_, layout_.base + address, before_siblings);
        if (!bytes.starts_with("TREE") || little_endian(bytes.substr(4, 1)) != static_cast<std::uint64_t>(kind_))
            fail_damaged();
        return bytes;
    }

    std::uint64_t level_at(std::uint64_t address) const { return little_endian(head(address).substr(5, 1)); }

    // As deep as a level says, which is one byte.
    void node(std::uint64_t address, std::uint64_t level) {
        const std::string start = head(address);
        if (!seen_.insert(address).second || little_endian(start.substr(5, 1)) != level) fail_damaged();
        const std::uint64_t count = little_endian(start.substr(6, 2));
        const std::size_t entry = key_size_ + layout_.address;
        const std::uint64_t offset = layout_.base + address + before_siblings + 2 * layout_.address;
        const std::string entries = raw_bytes(file_, offset, count == 0 ? 0 : count * entry + key_size_);
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::string_view at = std::string_view(entries).substr(i * entry);
            const std::uint64_t child = little_endian(at.substr(key_size_, layout_.address));
            if (level > 0) node(child, level - 1);
            else visit_(at.substr(0, key_size_), at.substr(entry, key_size_), child);
        }
    }

    const File& file_;
    const AddressLayout& layout_;
    TreeKind kind_;
    std::size_t key_size_;
    const LeafVisitor& visit_;
    std::unordered_set<std::uint64_t> seen_;
};

}  // namespace

void walk_tree(const File& file, std::uint64_t root, TreeKind kind, std::size_t key_size, const LeafVisitor& visit) {
    TreeWalk(file, kind, key_size, visit).root(root);
}

}  // namespace layerctl::formats::h5
