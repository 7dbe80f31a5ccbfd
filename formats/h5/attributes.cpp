#include "formats/h5/attributes.hpp"

#include <algorithm>

#include "formats/h5/element_type.hpp"
#include "formats/h5/hdf5.hpp"
#include "formats/h5/variable_strings.hpp"
#include "models/limits.hpp"
#include "models/value.hpp"

namespace layerctl::formats::h5 {
namespace {

bool exists(const H5::Group& group, const std::string& name) {
    return checked("damaged attributes", H5Aexists(group.getId(), name.c_str())) > 0;
}

std::size_t count_items(const H5::Attribute& attribute) {
    const H5::DataSpace space = attribute.getSpace();
    const hssize_t count = space.getSimpleExtentType() == H5S_NULL ? 0 : space.getSimpleExtentNpoints();
    if (count < 0 || static_cast<std::size_t>(count) > limits::attribute_items)
        fail(Code::refused, "a list of ", count, " items, the limit is ", limits::attribute_items);
    return static_cast<std::size_t>(count);
}

std::string unpadded(std::string_view item, H5T_str_t padding) {
    if (padding == H5T_STR_SPACEPAD) return std::string(item.substr(0, item.find_last_not_of(' ') + 1));
    if (padding == H5T_STR_NULLPAD) return std::string(item.substr(0, item.find_last_not_of('\0') + 1));
    return std::string(item.substr(0, item.find('\0')));
}

std::vector<std::string> read_fixed(const H5::Attribute& attribute, std::size_t count) {
    const H5::StrType type = attribute.getStrType();
    const std::size_t width = type.getSize();
    if (width == 0 || width > limits::attribute_bytes / count)
        fail(Code::refused, count, " strings of ", width, " bytes, the limit is ", limits::attribute_bytes);
    if (attribute.getStorageSize() < width * count) fail(Code::format, "the attribute is shorter than its type claims");
    std::string bytes(width * count, '\0');
    attribute.read(type, bytes.data());
    std::vector<std::string> items;
    for (std::size_t i = 0; i < count; ++i)
        items.push_back(unpadded(std::string_view(bytes).substr(i * width, width), type.getStrpad()));
    return items;
}

herr_t append_attribute(hid_t, const char* name, const H5A_info_t*, void* names) {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
}

Shape shape_of(const H5::DataSpace& space) {
    if (space.getSimpleExtentType() != H5S_SIMPLE) return {};
    std::vector<hsize_t> dims(H5S_MAX_RANK);
    dims.resize(static_cast<std::size_t>(std::max(space.getSimpleExtentDims(dims.data()), 0)));
    return Shape(std::vector<std::int64_t>(dims.begin(), dims.end()));
}

std::string type_of(const H5::Attribute& attribute) {
    const std::size_t bits = attribute.getDataType().getSize() * 8;
    switch (attribute.getTypeClass()) {
        case H5T_STRING: return "string";
        case H5T_INTEGER: return cat("int", bits);
        case H5T_FLOAT: return cat("float", bits);
        default: return std::string(type_class_name(attribute.getTypeClass()));
    }
}

/// HDF5 converts integers and floats to doubles.
std::string numbers_text(const H5::Attribute& attribute) {
    const std::size_t count = count_items(attribute);
    if (attribute.getStorageSize() < count * attribute.getDataType().getSize())
        fail(Code::format, "the attribute is shorter than its type claims");
    std::vector<double> numbers(count);
    if (count > 0) attribute.read(H5::PredType::NATIVE_DOUBLE, numbers.data());
    std::string text;
    for (const double number : numbers) text += (text.empty() ? "" : "\n") + to_json(Value(number));
    return text;
}

/// The elements of an attribute as HDF5 takes them: bytes, or pointers to strings.
class Elements {
public:
    Elements(const File& file, const H5::H5Object& object, const H5::Attribute& attribute, std::size_t count) {
        const H5::DataType type = attribute.getDataType();
        const bool lie_elsewhere = !is_self_contained(type);
        if (lie_elsewhere && type.getClass() != H5T_STRING)
            fail(Code::unsupported, "an attribute of ", type_class_name(type.getClass()));
        if (count == 0) return;
        if (lie_elsewhere) take_strings(read_variable_strings(file, object, attribute.getName(), count));
        else take_bytes(attribute, type, count);
    }
    Elements(const Elements&) = delete;
    Elements& operator=(const Elements&) = delete;

    /// Null if there are none.
    const void* data() const {
        if (!pointers_.empty()) return pointers_.data();
        return bytes_.empty() ? nullptr : bytes_.data();
    }

private:
    void take_strings(std::vector<std::string> strings) {
        strings_ = std::move(strings);
        for (const std::string& text : strings_) pointers_.push_back(text.c_str());
    }

    void take_bytes(const H5::Attribute& attribute, const H5::DataType& type, std::size_t count) {
        const std::size_t width = type.getSize();
        if (width > limits::attribute_bytes / count)
            fail(Code::refused, count, " elements of ", width, " bytes, the limit is ", limits::attribute_bytes);
        if (attribute.getStorageSize() < width * count)
            fail(Code::format, "the attribute is shorter than its type claims");
        bytes_.resize(width * count);
        attribute.read(type, bytes_.data());
    }

    std::vector<std::string> strings_;
    std::vector<const char*> pointers_;
    std::string bytes_;
};

std::vector<std::string> read_strings(const File& file, const H5::Group& group, const std::string& name) {
    return in_context(cat("attribute '", name, "'"), [&] {
        return checked("damaged attribute", [&]() -> std::vector<std::string> {
            const H5::Attribute attribute = group.openAttribute(name);
            const std::size_t count = count_items(attribute);
            if (count == 0) return {};
            if (attribute.getTypeClass() != H5T_STRING) fail(Code::format, "wanted a string, found another type");
            if (attribute.getStrType().isVariableStr()) return read_variable_strings(file, group, name, count);
            return read_fixed(attribute, count);
        });
    });
}

}  // namespace

std::vector<std::string> attribute_names(const H5::H5Object& object) {
    std::vector<std::string> names;
    hsize_t position = 0;
    checked("damaged attributes",
            H5Aiterate2(object.getId(), H5_INDEX_NAME, H5_ITER_INC, &position, append_attribute, &names));
    return names;
}

void copy_attribute(const File& file, const H5::H5Object& from, const std::string& name, const H5::H5Object& to) {
    checked("damaged attribute", [&] {
        const H5::Attribute source = from.openAttribute(name);
        const H5::DataType type = source.getDataType();
        const Elements elements(file, from, source, count_items(source));
        const H5::PropList properties = owned_properties(H5Aget_create_plist(source.getId()));
        const H5::Attribute target = to.createAttribute(name, type, source.getSpace(), properties);
        if (elements.data() != nullptr) target.write(type, elements.data());
    });
}

bool has_attribute(const File& file, std::string_view group, const std::string& name) {
    const Session session;
    const H5::Group opened = open_group(file, group);
    return exists(opened, name) || exists(opened, name + "0");
}

std::optional<std::string> read_text(const File& file, std::string_view group, const std::string& name) {
    const Session session;
    const H5::Group opened = open_group(file, group);
    if (!exists(opened, name)) return std::nullopt;
    std::vector<std::string> items = read_strings(file, opened, name);
    if (items.size() != 1) fail(Code::format, "attribute '", name, "': wanted one string, found ", items.size());
    return std::move(items.front());
}

std::optional<std::vector<std::string>> read_list(const File& file, std::string_view group, const std::string& name) {
    const Session session;
    const H5::Group opened = open_group(file, group);
    if (exists(opened, name)) return read_strings(file, opened, name);
    if (!exists(opened, name + "0")) return std::nullopt;
    std::vector<std::string> items;
    for (std::size_t piece = 0; exists(opened, cat(name, piece)); ++piece) {
        std::vector<std::string> more = read_strings(file, opened, cat(name, piece));
        std::move(more.begin(), more.end(), std::back_inserter(items));
        if (items.size() > limits::attribute_items)
            fail(Code::refused, "attribute '", name, "': more than ", limits::attribute_items, " items");
    }
    return items;
}

std::vector<AttributeInfo> list_attributes(const File& file, std::string_view group) {
    const Session session;
    const H5::Group opened = open_group(file, group);
    std::vector<AttributeInfo> list;
    for (const std::string& name : attribute_names(opened))
        list.push_back(checked("damaged attribute", [&] {
            const H5::Attribute attribute = opened.openAttribute(name);
            return AttributeInfo{name, type_of(attribute), shape_of(attribute.getSpace())};
        }));
    return list;
}

std::string attribute_text(const File& file, std::string_view group, const std::string& name) {
    const Session session;
    const H5::Group opened = open_group(file, group);
    return checked("damaged attribute", [&] {
        const H5::Attribute attribute = opened.openAttribute(name);
        const H5T_class_t type = attribute.getTypeClass();
        if (type == H5T_INTEGER || type == H5T_FLOAT) return numbers_text(attribute);
        if (type != H5T_STRING) fail(Code::unsupported, "an attribute of ", type_class_name(type));
        std::string text;
        for (const std::string& item : read_strings(file, opened, name)) text += (text.empty() ? "" : "\n") + item;
        return text;
    });
}

}  // namespace layerctl::formats::h5
