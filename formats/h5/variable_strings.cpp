// HDF5 file format, sections IV.A.1 (object headers), IV.A.2.m (attribute message) and III.E (global heap).
#include "formats/h5/variable_strings.hpp"

#include <map>
#include <optional>
#include <set>

#include "formats/bytes.hpp"
#include "models/limits.hpp"

namespace layerctl::formats::h5 {
namespace {

constexpr std::uint64_t attribute_message = 0x0c;
constexpr std::uint64_t continuation_message = 0x10;
constexpr std::size_t max_header_blocks = 4096;
constexpr std::size_t checksum_bytes = 4;

[[noreturn]] void fail_damaged(std::string_view what) { fail(Code::format, "damaged ", what); }

template <class T>
T whole(std::optional<T> field, std::string_view what) {
    if (!field) fail_damaged(what);
    return *field;
}

/// Widths and origin of the addresses in a file.
struct Layout {
    std::size_t address = 8;
    std::size_t length = 8;
    std::uint64_t base = 0;  // behind the user block

    explicit Layout(const File& file) {
        const H5::FileCreatPropList creation = file.impl().file.getCreatePlist();
        creation.getSizes(address, length);
        base = creation.getUserblock();
    }
};

/// One stretch of header messages.
struct Block {
    std::uint64_t offset;
    std::uint64_t size;
};

/// Looks for an attribute in the messages of an object header, version 1 or 2.
class HeaderScan {
public:
    HeaderScan(const File& file, const Layout& layout, const std::string& name)
        : file_(file), layout_(layout), name_(name) {}

    /// The attribute's elements; nothing if no message holds them.
    std::optional<std::string> run(std::uint64_t header) {
        begin(header);
        for (std::size_t i = 0; i < blocks_.size() && !found_; ++i) scan(blocks_[i], i > 0);
        return found_;
    }

private:
    void begin(std::uint64_t header) {
        const std::string prefix = raw_bytes(file_, header, 16);
        ByteReader in(prefix);
        second_version_ = prefix.starts_with("OHDR");
        if (!second_version_) {
            in.skip(8);
            blocks_.push_back({header + 16, whole(in.number(4), "object header")});
            return;
        }
        in.skip(5);
        const std::uint64_t flags = whole(in.number(1), "object header");
        tracks_order_ = (flags & 0x04U) != 0;
        const std::uint64_t skipped = 6 + ((flags & 0x20U) != 0 ? 16U : 0U) + ((flags & 0x10U) != 0 ? 4U : 0U);
        const std::size_t width = std::size_t{1} << (flags & 0x03U);
        const std::uint64_t size = little_endian(raw_bytes(file_, header + skipped, width));
        blocks_.push_back({header + skipped + width, size});
    }

    // Continuation blocks of version 2 stand between a signature and a checksum.
    void scan(Block block, bool continuation) {
        if (block.size > limits::attribute_bytes) fail_damaged("object header");
        const std::string bytes = raw_bytes(file_, block.offset, block.size);
        std::string_view messages = bytes;
        if (second_version_ && continuation) {
            if (!messages.starts_with("OCHK") || messages.size() < 4 + checksum_bytes) fail_damaged("object header");
            messages = messages.substr(4, messages.size() - 4 - checksum_bytes);
        }
        const std::size_t prefix = second_version_ ? (tracks_order_ ? 6 : 4) : 8;
        for (ByteReader in(messages); in.left() >= prefix && !found_;) message(in);
    }

    void message(ByteReader& in) {
        const std::uint64_t type = whole(in.number(second_version_ ? 1 : 2), "object header");
        const std::uint64_t size = whole(in.number(2), "object header");
        in.skip(second_version_ ? (tracks_order_ ? 3 : 1) : 4);
        const std::string_view body = whole(in.take(size), "object header");
        if (type == attribute_message) attribute(body);
        if (type == continuation_message) continuation(body);
    }

    void continuation(std::string_view body) {
        ByteReader in(body);
        const std::uint64_t offset = layout_.base + whole(in.number(layout_.address), "object header");
        const std::uint64_t size = whole(in.number(layout_.length), "object header");
        if (!seen_.insert(offset).second || blocks_.size() == max_header_blocks) fail_damaged("object header");
        blocks_.push_back({offset, size});
    }

    void attribute(std::string_view body) {
        ByteReader in(body);
        const std::uint64_t version = in.number(1).value_or(0);
        in.skip(1);
        const std::size_t name = in.number(2).value_or(0), type = in.number(2).value_or(0),
                          space = in.number(2).value_or(0);
        if (version >= 3) in.skip(1);
        const auto padded = [&](std::size_t size) { return version == 1 ? (size + 7) / 8 * 8 : size; };
        const std::string_view stored = in.take(padded(name)).value_or("");
        if (stored.substr(0, stored.find('\0')) != name_) return;
        if (!in.skip(padded(type)) || !in.skip(padded(space))) fail_damaged("attribute");
        found_ = std::string(whole(in.take(in.left()), "attribute"));
    }

    const File& file_;
    const Layout& layout_;
    const std::string& name_;
    bool second_version_ = false;
    bool tracks_order_ = false;
    std::vector<Block> blocks_;
    std::set<std::uint64_t> seen_;
    std::optional<std::string> found_;
};

/// The file's global heap: collections of numbered objects.
class GlobalHeap {
public:
    GlobalHeap(const File& file, const Layout& layout) : file_(file), layout_(layout) {}

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
        for (std::uint64_t at = prefix; size >= prefix && at + prefix <= size;) {
            const std::string header = raw_bytes(file_, offset + at, prefix);
            ByteReader in(header);
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
    const Layout& layout_;
    std::map<std::uint64_t, Collection> collections_;
};

std::uint64_t header_address(const H5::Group& group) {
    H5O_info_t info;
    checked("damaged group", H5Oget_info2(group.getId(), &info, H5O_INFO_BASIC));
    return info.addr;
}

}  // namespace

std::vector<std::string> read_variable_strings(const File& file, const H5::Group& group, const std::string& name,
                                               std::size_t count) {
    const Layout layout(file);
    const auto elements = HeaderScan(file, layout, name).run(layout.base + header_address(group));
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
        const std::string text = length == 0 ? "" : heap.read(collection, index, length);
        strings.push_back(text.substr(0, text.find('\0')));
    }
    return strings;
}

}  // namespace layerctl::formats::h5
