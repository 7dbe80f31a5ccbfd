#include "formats/savedmodel/bundle.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include "formats/bytes.hpp"
#include "formats/named_arrays.hpp"
#include "formats/savedmodel/table.hpp"
#include "models/error.hpp"
#include "models/limits.hpp"
#include "models/protobuf.hpp"

namespace layerctl::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t string_dtype = 7;

constexpr std::array<std::pair<std::uint64_t, DType>, 14> dtypes = {{{1, DType::float32},
                                                                     {2, DType::float64},
                                                                     {3, DType::int32},
                                                                     {4, DType::uint8},
                                                                     {5, DType::int16},
                                                                     {6, DType::int8},
                                                                     {string_dtype, DType::string},
                                                                     {9, DType::int64},
                                                                     {10, DType::boolean},
                                                                     {14, DType::bfloat16},
                                                                     {17, DType::uint16},
                                                                     {19, DType::float16},
                                                                     {22, DType::uint32},
                                                                     {23, DType::uint64}}};

/// TensorShapeProto.
Shape shape_of(std::string_view message) {
    std::vector<std::int64_t> dims;
    for (ProtobufReader shape(message); shape.next();) {
        if (shape.field() != 2) continue;
        std::int64_t size = 0;
        for (ProtobufReader dim(shape.bytes()); dim.next();)
            if (dim.field() == 1) size = static_cast<std::int64_t>(dim.number());
        if (size < 0) fail(Code::format, "a shape with ", size, " elements");
        dims.push_back(size);
    }
    return Shape(std::move(dims));
}

}  // namespace

DType tensorflow_dtype(std::uint64_t number) {
    for (const auto& [known, dtype] : dtypes)
        if (known == number) return dtype;
    fail(Code::unsupported, "TensorFlow's dtype ", number);
}

std::shared_ptr<const Bundle> Bundle::open(const fs::path& prefix) {
    auto bundle = std::make_shared<Bundle>();
    bundle->prefix_ = prefix;
    const fs::path index = prefix.string() + ".index";
    in_context(index.filename().string(), [&] {
        if (fs::exists(index) && fs::file_size(index) > limits::asset_bytes)
            fail(Code::refused, "an index of ", fs::file_size(index), " bytes");
        for (const auto& [key, message] : read_table(read_file(index)))
            in_context(cat("'", key, "'"), [&] { bundle->read_entry(key, message); });
        if (bundle->shards_ == 0) fail(Code::format, "wanted a header, found none");
    });
    return bundle;
}

void Bundle::read_entry(const std::string& key, const std::string& message) {
    ProtobufReader fields(message);
    if (key.empty()) {  // BundleHeaderProto
        while (fields.next()) {
            if (fields.field() == 1) shards_ = fields.number();
            if (fields.field() == 2 && fields.number() != 0) fail(Code::unsupported, "numbers in big-endian order");
        }
        return;
    }
    Entry entry;
    while (fields.next()) switch (fields.field()) {
            case 1: entry.dtype = fields.number(); break;
            case 2: entry.shape = shape_of(fields.bytes()); break;
            case 3: entry.shard = fields.number(); break;
            case 4: entry.offset = fields.number(); break;
            case 5: entry.size = fields.number(); break;
            case 6: entry.crc = static_cast<std::uint32_t>(fields.number()); break;
            case 7: entry.sliced = true; break;
            default: break;
        }
    entries_.emplace(key, std::move(entry));
}

const Bundle::Entry& Bundle::entry(const std::string& key) const {
    const auto found = entries_.find(key);
    if (found == entries_.end()) fail(Code::weights, "the checkpoint has no array '", key, "'");
    if (found->second.sliced) fail(Code::unsupported, "array '", key, "' is stored in slices");
    return found->second;
}

std::string Bundle::bytes(const Entry& entry) const {
    if (entry.shard >= shards_) fail(Code::format, "wanted shard ", entry.shard, " of ", shards_);
    char ending[64];
    std::snprintf(ending, sizeof ending, ".data-%05llu-of-%05llu", static_cast<unsigned long long>(entry.shard),
                  static_cast<unsigned long long>(shards_));
    const fs::path file = prefix_.string() + ending;
    return in_context(file.filename().string(), [&] {
        if (!fs::is_regular_file(fs::symlink_status(file))) fail(Code::io, "there is no such file");
        return read_range(file, entry.offset, entry.size);
    });
}

StoredWeight Bundle::array(const std::string& key, std::string name) const {
    return in_context(cat("'", key, "'"), [&]() -> StoredWeight {
        const Entry& entry = this->entry(key);
        const DType dtype = tensorflow_dtype(entry.dtype);
        if (dtype == DType::string) fail(Code::weights, "wanted numbers, found strings");
        const std::uint64_t wanted = array_bytes(dtype, entry.shape);
        if (wanted != entry.size)
            fail(Code::format, "shape ", entry.shape, " of ", dtype, ": wanted ", wanted, " bytes, found ", entry.size);
        return {std::move(name), dtype, entry.shape, [self = shared_from_this(), &entry, dtype, key] {
                    return in_context(cat("'", key, "'"), [&] {
                        const std::string found = self->bytes(entry);
                        if (masked_crc32c(found) != entry.crc) fail(Code::format, "damaged: wrong checksum");
                        return array_of_bytes(dtype, entry.shape, found);
                    });
                }};
    });
}

/// Lengths of all elements, a checksum of them, the elements.
std::vector<std::string> Bundle::strings(const std::string& key) const {
    return in_context(cat("'", key, "'"), [&] {
        const Entry& entry = this->entry(key);
        if (entry.dtype != string_dtype) fail(Code::weights, "wanted strings, found numbers");
        const auto count = static_cast<std::uint64_t>(entry.shape.elements());
        if (count > entry.size) fail(Code::format, count, " strings in ", entry.size, " bytes");
        const std::string all = bytes(entry);
        std::string_view rest = all;
        std::vector<std::uint64_t> lengths;
        for (std::uint64_t i = 0; i < count; ++i) lengths.push_back(ProtobufReader::varint(rest));
        rest.remove_prefix(std::min<std::size_t>(4, rest.size()));
        std::vector<std::string> strings;
        for (const std::uint64_t length : lengths) {
            if (length > rest.size())
                fail(Code::format, "a string of ", length, " bytes where ", rest.size(), " are left");
            strings.emplace_back(rest.substr(0, length));
            rest.remove_prefix(length);
        }
        if (!rest.empty()) fail(Code::format, rest.size(), " bytes behind the last string");
        return strings;
    });
}

}  // namespace layerctl::formats
