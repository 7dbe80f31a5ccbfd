#include "formats/h5/copy.hpp"

#include "formats/h5/array.hpp"
#include "formats/h5/attributes.hpp"
#include "formats/h5/stored_weight.hpp"
#include "models/limits.hpp"

namespace layerctl::formats::h5 {
namespace {

constexpr const char* trouble = "cannot copy the object";

struct Link {
    std::string name;
    H5T_cset_t charset;
};

herr_t append_link(hid_t, const char* name, const H5L_info_t* info, void* links) {
    static_cast<std::vector<Link>*>(links)->push_back({name, info->cset});
    return 0;
}

/// In the order of their creation where the file remembers it, else by name.
std::vector<Link> links_of(const H5::Group& group, const H5::PropList& properties) {
    unsigned order = 0;
    checked("damaged group", H5Pget_link_creation_order(properties.getId(), &order));
    const H5_index_t index = (order & H5P_CRT_ORDER_TRACKED) != 0 ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
    std::vector<Link> links;
    hsize_t position = 0;
    checked("damaged group", H5Literate(group.getId(), index, H5_ITER_INC, &position, append_link, &links));
    return links;
}

/// HDF5 copies the bytes of arrays; groups and attributes are made anew: their values have been checked then, which
/// HDF5 1.10 would not do.
class Copier {
public:
    Copier(const File& from, const std::set<std::string>& but) : from_(from), but_(but) {}

    std::vector<std::string> run(const std::string& path, const H5::Group& target) {
        pending_.push_back({path, target, 0});
        while (!pending_.empty()) {
            const Pending next = std::move(pending_.back());
            pending_.pop_back();
            contents(next);
        }
        return std::move(left_out_);
    }

private:
    /// A group that is made, and still empty.
    struct Pending {
        std::string path;  // in the source
        H5::Group target;
        std::size_t depth;
    };

    void contents(const Pending& group) {
        const H5::Group source = open_group(from_, group.path);
        attributes(group.path, source, group.target);
        const H5::PropList properties = owned_properties(H5Gget_create_plist(source.getId()));
        for (const Link& link : links_of(source, properties)) {
            const std::string child = join(group.path, link.name);
            if (but_.contains(child)) continue;
            count();
            attempt(child, [&] { object(child, link, source, group); });
        }
    }

    void object(const std::string& path, const Link& link, const H5::Group& source, const Pending& parent) {
        const File::Kind kind = from_.kind(path);
        if (!seen_.insert(from_.identity(path)).second)
            fail(Code::refused, "another name of an object seen before, perhaps a circle");
        const H5::PropList naming = owned_properties(H5Pcreate(H5P_LINK_CREATE));
        checked(trouble, H5Pset_char_encoding(naming.getId(), link.charset));
        switch (kind) {
            case File::Kind::group: return group(path, link, parent, naming);
            case File::Kind::dataset: return array(path, link, source, parent.target, naming);
            default: fail(Code::unsupported, "a named type");
        }
    }

    void group(const std::string& path, const Link& link, const Pending& parent, const H5::PropList& naming) {
        if (parent.depth >= limits::object_depth)
            fail(Code::refused, "groups nested deeper than ", limits::object_depth);
        const H5::Group source = open_group(from_, path);
        const H5::PropList properties = owned_properties(H5Gget_create_plist(source.getId()));
        const hid_t made =
            H5Gcreate2(parent.target.getId(), link.name.c_str(), naming.getId(), properties.getId(), H5P_DEFAULT);
        pending_.push_back({path, H5::Group(checked(trouble, made)), parent.depth + 1});
        H5Gclose(made);
    }

    void array(const std::string& path, const Link& link, const H5::Group& source, const H5::Group& target,
               const H5::PropList& naming) {
        check_array(from_, path);
        const H5::PropList copying = owned_properties(H5Pcreate(H5P_OBJECT_COPY));
        checked(trouble, H5Pset_copy_object(copying.getId(), H5O_COPY_WITHOUT_ATTR_FLAG));
        const char* name = link.name.c_str();
        checked(trouble, H5Ocopy(source.getId(), name, target.getId(), name, copying.getId(), naming.getId()));
        const H5::DataSet copy = checked(trouble, [&] { return target.openDataSet(link.name); });
        attributes(path, open_dataset(from_, path), copy);
    }

    void attributes(const std::string& path, const H5::H5Object& source, const H5::H5Object& target) {
        for (const std::string& name : attribute_names(source)) {
            const std::string attribute = path + "@" + name;
            if (but_.contains(attribute)) continue;
            count();
            attempt(attribute, [&] { copy_attribute(from_, source, name, target); });
        }
    }

    /// What must not or cannot be copied is left out.
    template <class Action>
    void attempt(const std::string& path, Action&& action) {
        try {
            in_context(path, action);
        } catch (const Error& error) {
            if (error.code() != Code::unsupported && error.code() != Code::refused) throw;
            left_out_.push_back(error.what());
        }
    }

    void count() {
        if (++count_ > limits::attribute_items)
            fail(Code::refused, "more than ", limits::attribute_items, " objects and attributes");
    }

    const File& from_;
    const std::set<std::string>& but_;
    std::vector<Pending> pending_;
    std::set<std::uint64_t> seen_;
    std::vector<std::string> left_out_;
    std::size_t count_ = 0;
};

}  // namespace

std::vector<std::string> copy_contents(const File& from, const std::string& group, const H5::Group& to,
                                       const std::set<std::string>& but) {
    return Copier(from, but).run(group, to);
}

}  // namespace layerctl::formats::h5
