// A zip archive written to a file member by member, uncompressed (APPNOTE.TXT 4.3), as Keras writes its own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/output_file.hpp"

namespace layerctl::formats {

/// Members are dated 1980-01-01.
class StoredArchive {
public:
    /// The file must be empty, and outlive this.
    explicit StoredArchive(OutputFile& file) : file_(file) {}

    void add(const std::string& name, std::string_view contents);

    /// A member of any size: `write` puts it into the file from that offset on, and nothing behind it.
    void add(const std::string& name, const std::function<void(std::uint64_t begin)>& write);

    /// The directory; the last call.
    void finish();

private:
    struct Member {
        std::string name;
        std::uint64_t header = 0;  // its offset
        std::uint64_t size = 0;
        std::uint32_t checksum = 0;
    };
    static std::string header_of(const Member& member);
    static std::string entry_of(const Member& member);

    OutputFile& file_;
    std::vector<Member> members_;
    std::uint64_t end_ = 0;
};

}  // namespace layerctl::formats
