#include "formats/h5/listing.hpp"

#include <algorithm>
#include <set>

#include "formats/h5/array.hpp"
#include "formats/h5/attributes.hpp"
#include "formats/h5/chunks.hpp"
#include "formats/h5/element_type.hpp"
#include "formats/h5/object_header.hpp"
#include "formats/h5/stored_weight.hpp"
#include "models/limits.hpp"

namespace layerctl::formats::h5 {
namespace {

struct Link {
    std::string name;
    H5L_type_t type;
    haddr_t address;  // of the object a hard link leads to
};

herr_t append_link(hid_t, const char* name, const H5L_info_t* info, void* links) {
    static_cast<std::vector<Link>*>(links)->push_back(
        {name, info->type, info->type == H5L_TYPE_HARD ? info->u.address : HADDR_UNDEF});
    return 0;
}

std::vector<Link> links_of(const File& file, const std::string& group) {
    const Session session;
    std::vector<Link> links;
    const H5::Group opened = open_group(file, group);
    hsize_t position = 0;
    checked("damaged group", H5Literate(opened.getId(), H5_INDEX_NAME, H5_ITER_INC, &position, append_link, &links));
    return links;
}

std::string link_message(H5L_type_t type) {
    if (type == H5L_TYPE_SOFT) return "a soft link, which is not followed";
    return type == H5L_TYPE_EXTERNAL ? "a link to another file" : "a user-defined link";
}

/// Elements in other files: said by the object's header before HDF5 looks at it.
bool has_external_storage(const File& file, haddr_t address) {
    bool found = false;
    try {
        for_each_message(file, address,
                         [&](const Message& message) { found |= message.type == Message::external_files; });
    } catch (const Error&) {
        return false;  // a damaged header, which is another fault
    }
    return found;
}

class Lister {
public:
    Lister(const std::shared_ptr<const File>& file, const std::string& prefix, Contents& contents)
        : file_(file), prefix_(prefix), contents_(contents) {}

    void group(const std::string& path, std::size_t depth) {
        if (depth > limits::object_depth)
            return fault(Fault::Kind::oversized, path, cat("groups nested deeper than ", limits::object_depth));
        contents_.parts.push_back({.path = prefix_ + path, .kind = Part::Kind::group});
        attempt(path, [&] { attributes(path); });
        std::vector<Link> links;
        attempt(path, [&] { links = links_of(*file_, path); });
        for (const Link& link : links) visit(link, join(path, link.name), depth);
    }

private:
    void visit(const Link& link, const std::string& path, std::size_t depth) {
        if (contents_.parts.size() > limits::attribute_items) {
            if (!full_) fault(Fault::Kind::oversized, path, cat("more than ", limits::attribute_items, " objects"));
            full_ = true;
            return;
        }
        if (link.type != H5L_TYPE_HARD) return fault(Fault::Kind::outside, path, link_message(link.type));
        if (!seen_.insert(link.address).second)
            return fault(Fault::Kind::oversized, path, "another name of an object listed before, perhaps a circle");
        if (has_external_storage(*file_, link.address))
            return fault(Fault::Kind::outside, path, "a dataset whose elements lie in other files");
        attempt(path, [&] {
            switch (file_->kind(path)) {
                case File::Kind::group: return group(path, depth + 1);
                case File::Kind::dataset: return array(path);
                default: return fault(Fault::Kind::unsupported, path, "a named type");
            }
        });
    }

    void attributes(const std::string& group) {
        for (const AttributeInfo& info : list_attributes(*file_, group)) {
            const std::string path = group + "@" + info.name;
            Part part{.path = prefix_ + path, .kind = Part::Kind::attribute, .type = info.type, .shape = info.shape};
            part.text = [file = file_, group, name = info.name] { return attribute_text(*file, group, name); };
            attempt(path, [&] { measure(part); });
            contents_.parts.push_back(std::move(part));
        }
    }

    /// Attributes may share the bytes of one string, so that their sum has no bound in the size of the file.
    void measure(Part& part) {
        if (text_bytes_ > limits::attribute_bytes)
            fail(Code::refused, "attributes of more than ", limits::attribute_bytes, " bytes");
        part.size = part.text().size();
        part.stored = part.size;
        text_bytes_ += part.size;
    }

    void array(const std::string& path) {
        const Session session;
        const H5::DataSet dataset = open_dataset(*file_, path);
        Part part{.path = prefix_ + path, .kind = Part::Kind::array};
        part.type = type_class_name(dataset.getTypeClass());
        const H5::DSetCreatPropList creation = checked("damaged dataset", [&] { return dataset.getCreatePlist(); });
        if (creation.getLayout() == H5D_VIRTUAL) {
            fault(Fault::Kind::outside, path, "a virtual dataset, whose elements lie in other files");
        } else {
            part.packing = packing_of(creation);
            part.stored = std::min<std::uint64_t>(dataset.getStorageSize(), file_->impl().size);
            attempt(path, [&] { describe(path, part); });
        }
        contents_.parts.push_back(std::move(part));
    }

    void describe(const std::string& path, Part& part) const {
        const ArrayInfo info = array_info(*file_, path);
        part.type = dtype_name(info.dtype);
        part.shape = info.shape;
        part.size = static_cast<std::uint64_t>(info.shape.elements()) * dtype_size(info.dtype);
        part.read = [file = file_, path] { return in_context(path, [&] { return read_array(*file, path); }); };
    }

    template <class Action>
    void attempt(const std::string& path, Action&& action) {
        try {
            action();
        } catch (const Error& error) {
            fault(fault_kind(error.code()), path, error.message());
        }
    }

    void fault(Fault::Kind kind, const std::string& path, std::string message) {
        contents_.faults.push_back({kind, prefix_ + path, std::move(message)});
    }

    const std::shared_ptr<const File>& file_;
    const std::string& prefix_;
    Contents& contents_;
    std::set<haddr_t> seen_;
    std::size_t text_bytes_ = 0;
    bool full_ = false;
};

}  // namespace

void list_objects(const std::shared_ptr<const File>& file, const std::string& prefix, Contents& contents) {
    Lister(file, prefix, contents).group("/", 0);
}

}  // namespace layerctl::formats::h5
