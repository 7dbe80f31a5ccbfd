// The wire format of protocol buffers: the fields of one message, one after another.
#pragma once

#include <cstdint>
#include <string_view>

namespace layerctl {

/// Reads a message in place. Fields come in the order of the file; a message inside is another reader over `bytes()`.
class ProtobufReader {
public:
    explicit ProtobufReader(std::string_view message) : rest_(message) {}

    /// Moves on to the next field; false behind the last one. Code::format for what is not a message.
    bool next();

    std::uint64_t field() const noexcept { return field_; }

    /// Of a number: the varint, or the bits of a fixed32 or fixed64. Of anything else Code::format.
    std::uint64_t number() const;

    /// Of a string, of bytes, of a message or of packed numbers. Of anything else Code::format.
    std::string_view bytes() const;

    bool is_bytes() const noexcept { return is_bytes_; }

    /// A varint off the front of packed numbers.
    static std::uint64_t varint(std::string_view& from);

private:
    std::uint64_t fixed(std::size_t size);
    std::string_view take(std::uint64_t size);

    std::string_view rest_;
    std::uint64_t field_ = 0;
    std::uint64_t number_ = 0;
    std::string_view bytes_;
    bool is_bytes_ = false;
};

}  // namespace layerctl
