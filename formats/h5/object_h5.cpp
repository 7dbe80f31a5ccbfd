#include "formats/h5/object_h5.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "formats/h5/stored_weight.hpp"
#include "models/error.hpp"
#include "models/limits.hpp"
#include "models/object_names.hpp"

namespace layerctl::formats {
namespace {

using FilePtr = std::shared_ptr<const h5::File>;

constexpr std::string_view variables = "vars";

class ObjectReader {
public:
    explicit ObjectReader(const FilePtr& file) : file_(file) {}

    /// Everything in the group of an object and below.
    void object(const std::string& path, std::size_t depth) {
        if (depth > limits::object_depth) fail(Code::refused, "objects nested deeper than ", limits::object_depth);
        for (const std::string& name : file_->members("/" + path)) {
            const std::string child = join_path(path, name);
            count();
            problems_.attempt([&] {
                in_context("/" + child, [&] {
                    if (file_->kind("/" + child) != h5::File::Kind::group)
                        fail(Code::format, "wanted a group, found something else");
                    if (!seen_.insert(file_->identity("/" + child)).second)
                        fail(Code::refused, "another name of a group seen before, perhaps a circle");
                    if (name == variables) arrays_of(path, child);
                    else object(child, depth + 1);
                });
            });
        }
    }

    ObjectArrays finish() {
        problems_.throw_if_any();
        return std::move(objects_);
    }

private:
    void arrays_of(const std::string& object, const std::string& group) {
        std::vector<StoredWeight> arrays;
        for (const std::string& name : file_->members("/" + group)) {
            count();
            arrays.push_back(h5::stored_weight(file_, "/" + group, name));
        }
        if (!arrays.empty()) objects_.emplace(object, std::move(arrays));
    }

    void count() {
        if (++count_ > limits::attribute_items) fail(Code::refused, "more than ", limits::attribute_items, " objects");
    }

    const FilePtr& file_;
    std::set<std::uint64_t> seen_;
    ObjectArrays objects_;
    Problems problems_;
    std::size_t count_ = 0;
};

}  // namespace

bool holds_objects(const h5::File& file) {
    constexpr std::array<std::string_view, 3> marks = {"layers", "_layer_checkpoint_dependencies", variables};
    const std::vector<std::string> members = file.members("/");
    return std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) {
        return std::find(members.begin(), members.end(), mark) != members.end();
    });
}

ObjectArrays read_objects(const FilePtr& file) {
    ObjectReader reader(file);
    reader.object("", 0);
    return reader.finish();
}

WeightStore load_object_weights(const FilePtr& file) {
    WeightStore store = store_of_objects(read_objects(file));
    store.file = file;
    return store;
}

}  // namespace layerctl::formats
