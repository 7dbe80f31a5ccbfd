#include "formats/h5/stored_weight.hpp"

#include "formats/h5/array.hpp"
#include "models/error.hpp"

namespace layerctl::formats::h5 {

std::string join(std::string_view group, std::string_view name) { return cat(group == "/" ? "" : group, "/", name); }

StoredWeight stored_weight(const std::shared_ptr<const File>& file, const std::string& group, const std::string& name) {
    const std::string path = join(group, name);
    return in_context(cat("weight '", name, "'"), [&]() -> StoredWeight {
        switch (file->kind(path)) {
            case File::Kind::absent: fail(Code::weights, "it is named in 'weight_names', but there is no such dataset");
            case File::Kind::group: fail(Code::weights, "wanted a dataset, found a group");
            case File::Kind::other: fail(Code::weights, "wanted a dataset, found a named type");
            case File::Kind::dataset: break;
        }
        const ArrayInfo info = array_info(*file, path);
        const auto read = [file, path, info] {
            return in_context(path, [&] { return read_array(*file, path, info); });
        };
        const auto map = [file, path, info] { return in_context(path, [&] { return map_array(*file, path, info); }); };
        return {name, info.dtype, info.shape, read, map};
    });
}

}  // namespace layerctl::formats::h5
