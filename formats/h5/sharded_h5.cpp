#include "formats/h5/sharded_h5.hpp"

#include <cstdio>
#include <set>

#include "formats/h5/object_h5.hpp"
#include "models/error.hpp"

namespace layerctl::formats {
namespace {

namespace fs = std::filesystem;

/// "name" of "name.weights.json".
std::string base_of(const fs::path& index) {
    const std::string stem = index.stem().string();
    return stem.substr(0, stem.find(".weights"));
}

std::string shard_name(const std::string& base, std::size_t number) {
    char digits[24];
    std::snprintf(digits, sizeof digits, "%05zu", number);
    return base + "_" + digits + ".weights.h5";
}

void add_name(const Value& value, std::set<std::string>& names) {
    if (value.string() == nullptr)
        fail(Code::format, "'weight_map': wanted the name of a shard, found ", excerpt(value));
    names.insert(*value.string());
}

std::set<std::string> named_shards(const Config& index) {
    const Value* map = index.find("weight_map");
    if (map == nullptr || map->object() == nullptr)
        fail(Code::format, "wanted an index of weights with a 'weight_map', found ", excerpt(index.value()));
    std::set<std::string> names;
    for (const auto& [object, shards] : *map->object()) {
        if (shards.array() == nullptr) add_name(shards, names);
        else
            for (const Value& shard : *shards.array()) add_name(shard, names);
    }
    return names;
}

void merge(ObjectArrays more, ObjectArrays& all) {
    for (auto& [object, arrays] : more) {
        std::vector<StoredWeight>& list = all[object];
        list.insert(list.end(), std::make_move_iterator(arrays.begin()), std::make_move_iterator(arrays.end()));
    }
}

}  // namespace

std::vector<fs::path> shard_files(const Config& index, const fs::path& path) {
    const std::set<std::string> named = named_shards(index);
    std::set<std::string> expected;
    for (std::size_t number = 0; number < named.size(); ++number) expected.insert(shard_name(base_of(path), number));
    std::vector<fs::path> files;
    for (const std::string& name : named) {
        if (!expected.contains(name))
            fail(Code::refused, "wanted shards named '", *expected.begin(), "' and so on, found '", name, "'");
        files.push_back(path.parent_path() / name);
    }
    return files;
}

WeightStore load_sharded_weights(const Config& index, const fs::path& path) {
    ObjectArrays objects;
    for (const fs::path& file : shard_files(index, path))
        in_context(file.filename().string(), [&] { merge(read_objects(h5::File::open(file)), objects); });
    return store_of_objects(std::move(objects));
}

}  // namespace layerctl::formats
