#include "protobuf.hpp"

#include "error.hpp"

namespace layerctl {

std::uint64_t ProtobufReader::varint(std::string_view& from) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !from.empty(); shift += 7) {
        const auto byte = static_cast<std::uint8_t>(from.front());
        from.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
        if (byte < 0x80) return value;
    }
    fail(Code::format, "protobuf: a number does not end");
}

std::string_view ProtobufReader::take(std::uint64_t size) {
    if (size > rest_.size())
        fail(Code::format, "protobuf: a field of ", size, " bytes where ", rest_.size(), " are left");
    const std::string_view part = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(part.size());
    return part;
}

std::uint64_t ProtobufReader::fixed(std::size_t size) {
    std::uint64_t value = 0;
    const std::string_view part = take(size);
    for (std::size_t i = 0; i < size; ++i)
        value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(part[i])) << (8 * i);
    return value;
}

bool ProtobufReader::next() {
    if (rest_.empty()) return false;
    const std::uint64_t key = varint(rest_);
    field_ = key >> 3;
    is_bytes_ = (key & 7) == 2;
    switch (key & 7) {
        case 0: number_ = varint(rest_); return true;
        case 1: number_ = fixed(8); return true;
        case 2: bytes_ = take(varint(rest_)); return true;
        case 5: number_ = fixed(4); return true;
        default: fail(Code::format, "protobuf: a field of kind ", key & 7);
    }
}

std::uint64_t ProtobufReader::number() const {
    if (is_bytes_) fail(Code::format, "protobuf: wanted a number in field ", field_, ", found bytes");
    return number_;
}

std::string_view ProtobufReader::bytes() const {
    if (!is_bytes_) fail(Code::format, "protobuf: wanted bytes in field ", field_, ", found a number");
    return bytes_;
}

}  // namespace layerctl
