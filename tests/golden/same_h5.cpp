#include "tests/golden/same_h5.hpp"

#include <H5Cpp.h>

#include <stdexcept>
#include <vector>

#include "models/error.hpp"

namespace layerctl::golden {
namespace {

H5::H5File opened(const char* name, const std::string& bytes) {
    H5::FileAccPropList access;
    access.setCore(1 << 16, false);
    H5Pset_file_image(access.getId(), const_cast<char*>(bytes.data()), bytes.size());
    return H5::H5File(name, H5F_ACC_RDONLY, H5::FileCreatPropList::DEFAULT, access);
}

struct Link {
    std::string name;
    H5T_cset_t charset;
    H5L_type_t type;
    bool operator==(const Link&) const = default;
};

herr_t append_link(hid_t, const char* name, const H5L_info_t* info, void* links) {
    static_cast<std::vector<Link>*>(links)->push_back({name, info->cset, info->type});
    return 0;
}

herr_t append_name(hid_t, const char* name, const H5A_info_t*, void* names) {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
}

/// Zero, or tracked, or tracked and indexed.
unsigned creation_order(const H5::Group& group) {
    const hid_t list = H5Gget_create_plist(group.getId());
    unsigned order = 0;
    H5Pget_link_creation_order(list, &order);
    H5Pclose(list);
    return order;
}

std::vector<Link> links_of(const H5::Group& group, H5_index_t index) {
    std::vector<Link> links;
    hsize_t position = 0;
    if (H5Literate(group.getId(), index, H5_ITER_INC, &position, append_link, &links) < 0)
        throw std::runtime_error("cannot list a group");
    return links;
}

std::vector<std::string> attributes_of(const H5::H5Object& object) {
    std::vector<std::string> names;
    hsize_t position = 0;
    H5Aiterate2(object.getId(), H5_INDEX_NAME, H5_ITER_INC, &position, append_name, &names);
    return names;
}

template <class Holder>
std::size_t elements_of(const Holder& holder) {
    const H5::DataSpace space = holder.getSpace();
    const hssize_t count = space.getSimpleExtentType() == H5S_NULL ? 0 : space.getSimpleExtentNpoints();
    return static_cast<std::size_t>(count);
}

bool is_variable_string(const H5::DataType& type) {
    return type.getClass() == H5T_STRING && H5Tis_variable_str(type.getId()) > 0;
}

/// Every byte, in the order of the file; strings of variable length end with a zero.
std::string bytes_of(const H5::Attribute& attribute) {
    const H5::DataType type = attribute.getDataType();
    const std::size_t count = elements_of(attribute);
    if (count == 0) return "";
    if (!is_variable_string(type)) {
        std::string bytes(count * type.getSize(), '\0');
        attribute.read(type, bytes.data());
        return bytes;
    }
    std::vector<char*> strings(count);
    attribute.read(type, strings.data());
    std::string bytes;
    for (char* text : strings) {
        bytes += (text == nullptr ? "" : text) + std::string(1, '\0');
        H5free_memory(text);
    }
    return bytes;
}

std::string bytes_of(const H5::DataSet& dataset) {
    const H5::DataType type = dataset.getDataType();
    std::string bytes(elements_of(dataset) * type.getSize(), '\0');
    if (!bytes.empty()) dataset.read(bytes.data(), type);
    return bytes;
}

class Comparison {
public:
    std::optional<std::string> run(const H5::H5File& wanted, const H5::H5File& found) {
        groups("/", wanted.openGroup("/"), found.openGroup("/"));
        return difference_;
    }

private:
    void groups(const std::string& path, const H5::Group& wanted, const H5::Group& found) {
        attributes(path, wanted, found);
        const unsigned order = creation_order(wanted);
        if (path != "/") same(path, "order of creation", order == creation_order(found));
        const bool tracked = path != "/" && (order & H5P_CRT_ORDER_TRACKED) != 0;
        const H5_index_t index = tracked ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
        std::vector<Link> links = links_of(wanted, index);
        std::erase_if(links, [](const Link& link) { return link.type != H5L_TYPE_HARD; });
        same(path, "members", links == links_of(found, index));
        if (difference_) return;
        for (const Link& link : links) {
            const std::string child = (path == "/" ? path : path + "/") + link.name;
            if (wanted.childObjType(link.name) != found.childObjType(link.name)) return same(child, "kind", false);
            if (wanted.childObjType(link.name) == H5O_TYPE_GROUP)
                groups(child, wanted.openGroup(link.name), found.openGroup(link.name));
            else arrays(child, wanted.openDataSet(link.name), found.openDataSet(link.name));
        }
    }

    void arrays(const std::string& path, const H5::DataSet& wanted, const H5::DataSet& found) {
        attributes(path, wanted, found);
        described(path, wanted, found);
        same(path, "storage", H5Pequal(wanted.getCreatePlist().getId(), found.getCreatePlist().getId()) > 0);
        same(path, "bytes stored", wanted.getStorageSize() == found.getStorageSize());
    }

    void attributes(const std::string& path, const H5::H5Object& wanted, const H5::H5Object& found) {
        const std::vector<std::string> names = attributes_of(wanted);
        same(path, "attributes", names == attributes_of(found));
        if (difference_) return;
        for (const std::string& name : names)
            described(path + "@" + name, wanted.openAttribute(name), found.openAttribute(name));
    }

    template <class Holder>
    void described(const std::string& path, const Holder& wanted, const Holder& found) {
        same(path, "type", H5Tequal(wanted.getDataType().getId(), found.getDataType().getId()) > 0);
        same(path, "shape", H5Sextent_equal(wanted.getSpace().getId(), found.getSpace().getId()) > 0);
        if (!difference_) same(path, "numbers", bytes_of(wanted) == bytes_of(found));
    }

    void same(const std::string& path, const char* what, bool is_same) {
        if (!is_same && !difference_) difference_ = cat(path, ": another ", what);
    }

    std::optional<std::string> difference_;
};

}  // namespace

std::optional<std::string> h5_difference(const std::string& wanted, const std::string& found) {
    return Comparison().run(opened("wanted", wanted), opened("found", found));
}

}  // namespace layerctl::golden
