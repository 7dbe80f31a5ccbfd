// HDF5 file format, section IV.A.1: object headers, versions 1 and 2.
#include "formats/h5/object_header.hpp"

#include <optional>
#include <set>
#include <vector>

#include "formats/bytes.hpp"
#include "models/limits.hpp"

namespace layerctl::formats::h5 {
namespace {

constexpr std::size_t max_header_blocks = 4096;
constexpr std::size_t checksum_bytes = 4;

[[noreturn]] void fail_damaged() { fail(Code::format, "damaged object header"); }

template <class T>
T whole(std::optional<T> field) {
    if (!field) fail_damaged();
    return *field;
}

/// One stretch of header messages.
struct Block {
    std::uint64_t offset;
    std::uint64_t size;
};

class HeaderScan {
public:
    HeaderScan(const File& file, const MessageVisitor& visit)
        : file_(file), layout_(file.impl().layout), visit_(visit) {}

    void run(std::uint64_t address) {
        begin(layout_.base + address);
        for (std::size_t i = 0; i < blocks_.size(); ++i) scan(blocks_[i], i > 0);
    }

private:
    void begin(std::uint64_t header) {
        const std::string prefix = raw_bytes(file_, header, 16);
        ByteReader in(prefix);
        second_version_ = prefix.starts_with("OHDR");
        if (!second_version_) {
            in.skip(8);
            blocks_.push_back({header + 16, whole(in.number(4))});
            return;
        }
        in.skip(5);
        const std::uint64_t flags = whole(in.number(1));
        tracks_order_ = (flags & 0x04U) != 0;
        const std::uint64_t skipped = 6 + ((flags & 0x20U) != 0 ? 16U : 0U) + ((flags & 0x10U) != 0 ? 4U : 0U);
        const std::size_t width = std::size_t{1} << (flags & 0x03U);
        const std::uint64_t size = little_endian(raw_bytes(file_, header + skipped, width));
        blocks_.push_back({header + skipped + width, size});
    }

    // Continuation blocks of version 2 stand between a signature and a checksum.
    void scan(Block block, bool continuation) {
        if (block.size > limits::attribute_bytes) fail_damaged();
        const std::string bytes = raw_bytes(file_, block.offset, block.size);
        std::string_view messages = bytes;
        if (second_version_ && continuation) {
            if (!messages.starts_with("OCHK") || messages.size() < 4 + checksum_bytes) fail_damaged();
            messages = messages.substr(4, messages.size() - 4 - checksum_bytes);
        }
        const std::size_t prefix = second_version_ ? (tracks_order_ ? 6 : 4) : 8;
        for (ByteReader in(messages); in.left() >= prefix;) message(in);
    }

    void message(ByteReader& in) {
        const std::uint64_t type = whole(in.number(second_version_ ? 1 : 2));
        const std::uint64_t size = whole(in.number(2));
        const std::uint64_t flags = whole(in.number(1));
        in.skip(second_version_ ? (tracks_order_ ? 2 : 0) : 3);
        const std::string_view body = whole(in.take(size));
        if (type == Message::continuation) continuation(body);
        visit_({type, flags, body});
    }

    void continuation(std::string_view body) {
        ByteReader in(body);
        const std::uint64_t offset = layout_.base + whole(in.number(layout_.address));
        const std::uint64_t size = whole(in.number(layout_.length));
        if (!seen_.insert(offset).second || blocks_.size() == max_header_blocks) fail_damaged();
        blocks_.push_back({offset, size});
    }

    const File& file_;
    const AddressLayout& layout_;
    const MessageVisitor& visit_;
    bool second_version_ = false;
    bool tracks_order_ = false;
    std::vector<Block> blocks_;
    std::set<std::uint64_t> seen_;
};

}  // namespace

void for_each_message(const File& file, std::uint64_t address, const MessageVisitor& visit) {
    HeaderScan(file, visit).run(address);
}

}  // namespace layerctl::formats::h5
