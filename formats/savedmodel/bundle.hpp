// A checkpoint of TensorFlow 2: an index of arrays and the files their bytes lie in (formats.md 6.3).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/weight_store.hpp"

namespace layerctl::formats {

/// Enumeration `DataType` of TensorFlow; Code::unsupported for what Keras has no arrays of.
DType tensorflow_dtype(std::uint64_t number);

class Bundle : public std::enable_shared_from_this<Bundle> {
public:
    /// `prefix` is the path without ".index". The index is read at once, arrays on demand.
    static std::shared_ptr<const Bundle> open(const std::filesystem::path& prefix);

    /// An array of numbers; its checksum is checked when it is read. Code::weights if there is none.
    StoredWeight array(const std::string& key, std::string name) const;

    /// The elements of an array of strings.
    std::vector<std::string> strings(const std::string& key) const;

private:
    struct Entry {
        std::uint64_t dtype = 0;
        Shape shape;
        std::uint64_t shard = 0, offset = 0, size = 0;
        std::uint32_t crc = 0;
        bool sliced = false;
    };

    const Entry& entry(const std::string& key) const;
    std::string bytes(const Entry& entry) const;
    void read_entry(const std::string& key, const std::string& message);

    std::filesystem::path prefix_;
    std::uint64_t shards_ = 0;
    std::map<std::string, Entry> entries_;
};

}  // namespace layerctl::formats
