// HDF5 file format, section III.E: the global heap, where variable-length strings lie.
#include "formats/h5/variable_strings.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "formats/bytes.hpp"
#include "formats/h5/object_header.hpp"
#include "models/limits.hpp"

namespace layerctl::formats::h5 {
namespace {

[[noreturn]] void fail_damaged(std::string_view what) { fail(Code::format, "damaged ", what); }

template <class T>
T whole(std::optional<T> field, std::string_view what) {
    if (!field) fail_damaged(what);
    return *field;
}

/// A stretch of the file.
struct Block {
    std::uint64_t offset;
    std::uint64_t size;
};

/// Reads forwards, a page at a time.
class Pages {
public:
    Pages(const File& file, Block block) : file_(file), block_(block) {}

    std::string_view read(std::uint64_t at, std::uint64_t count) {
        if (at < begin_ || at + count > begin_ + page_.size()) {
            begin_ = at;
            page_ = raw_bytes(file_, block_.offset + at, std::max(count, std::min(page_size, block_.size - at)));
        }
        return std::string_view(page_).substr(at - begin_, count);
    }

private:
    static constexpr std::uint64_t page_size = 4096;
    const File& file_;
    Block block_;
    std::uint64_t begin_ = 0;
    std::string page_;
};

/// The file's global heap: collections of numbered objects.
class GlobalHeap {
public:
    GlobalHeap(const File& file, const AddressLayout& layout) : file_(file), layout_(layout) {}

    /// The first `length` bytes of an object.
    std::string read(std::uint64_t collection, std::uint64_t index, std::uint64_t length) {
        auto known = collections_.find(collection);
        if (known == collections_.end())
            known = collections_.emplace(collection, contents(layout_.base + collection)).first;
        const auto object = known->second.find(index);
        if (object == known->second.end() || length > object->second.size) fail_damaged("string heap");
        return raw_bytes(file_, object->second.offset, length);
    }

private:
    using Collection = std::map<std::uint64_t, Block>;

    Collection contents(std::uint64_t offset) const {
        const std::uint64_t prefix = 8 + layout_.length;
        const std::string head = raw_bytes(file_, offset, prefix);
        if (!head.starts_with("GCOL")) fail_damaged("string heap");
        const std::uint64_t size = little_endian(std::string_view(head).substr(8));
        Collection objects;
        Pages pages(file_, {offset, size});
        for (std::uint64_t at = prefix; size >= prefix && at + prefix <= size;) {
            ByteReader in(pages.read(at, prefix));
            const std::uint64_t index = in.number(2).value_or(0);
            if (index == 0) break;  // the free space at the end
            in.skip(6);
            const std::uint64_t bytes = in.number(layout_.length).value_or(0);
            if (bytes > size - at - prefix) fail_damaged("string heap");
            objects[index] = {offset + at + prefix, bytes};
            at += prefix + (bytes + 7) / 8 * 8;
        }
        return objects;
    }

    const File& file_;
    const AddressLayout& layout_;
    std::map<std::uint64_t, Collection> collections_;
};

std::uint64_t header_address(const H5::H5Object& object) {
    H5O_info_t info;
    checked("damaged object", H5Oget_info2(object.getId(), &info, H5O_INFO_BASIC));
    return info.addr;
}

}  // namespace

std::vector<std::string> read_variable_strings(const File& file, const H5::H5Object& object, const std::string& name,
                                               std::size_t count) {
    const AddressLayout& layout = file.impl().layout;
    std::optional<std::string> elements;
    for_each_message(file, header_address(object), [&](const Message& message) {
        if (message.type != Message::attribute || elements) return;
        const AttributeParts parts = attribute_parts(message.body);
        if (parts.name == name) elements = std::string(parts.elements);
    });
    if (!elements) fail(Code::unsupported, "strings in dense attribute storage");
    GlobalHeap heap(file, layout);
    ByteReader in(*elements);
    std::vector<std::string> strings;
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t length = whole(in.number(4), "attribute");
        const std::uint64_t collection = whole(in.number(layout.address), "attribute");
        const std::uint64_t index = whole(in.number(4), "attribute");
        total += length;
        if (total > limits::attribute_bytes)
            fail(Code::refused, "strings of more than ", limits::attribute_bytes, " bytes");
        if (i > 0 && total > file.impl().size) fail(Code::refused, "strings of more bytes than the file has");
        const std::string text = length == 0 ? "" : heap.read(collection, index, length);
        strings.push_back(text.substr(0, text.find('\0')));
    }
    return strings;
}

}  // namespace layerctl::formats::h5
