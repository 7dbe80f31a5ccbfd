#include "formats/h5/writer.hpp"

#include <algorithm>
#include <cstring>

#include "formats/h5/copy.hpp"
#include "formats/h5/element_type.hpp"
#include "formats/h5/hdf5.hpp"
#include "formats/h5/window_driver.hpp"

namespace layerctl::formats::h5 {
namespace {

constexpr std::size_t header_bytes = 64512;  // what Keras lets a list of names take in an object header
constexpr const char* trouble = "cannot write an HDF5 file";

H5::StrType variable_text(Writer::Charset charset) {
    H5::StrType type(H5::PredType::C_S1, H5T_VARIABLE);
    type.setCset(charset == Writer::Charset::utf8 ? H5T_CSET_UTF8 : H5T_CSET_ASCII);
    return type;
}

std::size_t longest(const std::vector<std::string>& values) {
    std::size_t most = 1;
    for (const std::string& value : values) most = std::max(most, value.size());
    return most;
}

H5::DataSpace space_of(const Shape& shape) {
    if (shape.rank() == 0) return H5::DataSpace(H5S_SCALAR);
    std::vector<hsize_t> dims;
    for (const std::int64_t dim : shape.dims()) dims.push_back(static_cast<hsize_t>(dim));
    return H5::DataSpace(static_cast<int>(dims.size()), dims.data());
}

}  // namespace

struct Writer::Impl {
    Window window;
    H5::H5File file;

    void require_written() const {
        if (window.error != 0) fail(Code::io, "cannot be written: ", std::strerror(window.error));
    }

    bool exists(const std::string& path) const {
        for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
            const std::string part = path.substr(0, at);
            if (part != "/" && H5Lexists(file.getId(), part.c_str(), H5P_DEFAULT) <= 0) return false;
            if (at == std::string::npos) return true;
        }
    }

    void write_attribute(const std::string& group, const std::string& name, const H5::DataType& type,
                         const H5::DataSpace& space, const void* data) const {
        const H5::Attribute attribute = file.openGroup(group).createAttribute(name, type, space);
        if (data != nullptr) attribute.write(type, data);
    }

    /// Strings of one fixed length: what numpy makes of a part of a list.
    void write_fixed(const std::string& group, const std::string& name, const std::vector<std::string>& values) const {
        const std::size_t width = longest(values);
        std::string block;
        for (const std::string& value : values) block += value + std::string(width - value.size(), '\0');
        H5::StrType type(H5::PredType::C_S1, width);
        type.setStrpad(H5T_STR_NULLPAD);
        write_attribute(group, name, type, space_of({static_cast<std::int64_t>(values.size())}), block.data());
    }
};

Writer::Writer(OutputFile& file, std::uint64_t begin) : impl_(std::make_unique<Impl>()) {
    const Session session;
    impl_->window = {file.descriptor(), begin};
    checked(trouble, [&] {
        const H5::FileAccPropList access = access_to(impl_->window);
        impl_->file = H5::H5File(memory_name(), H5F_ACC_TRUNC, H5::FileCreatPropList::DEFAULT, access);
    });
}

Writer::~Writer() {
    const Session session;
    impl_.reset();
}

void Writer::group(const std::string& path) {
    const Session session;
    checked(trouble, [&] {
        for (std::size_t at = path.find('/', 1); path != "/"; at = path.find('/', at + 1)) {
            const std::string part = path.substr(0, at);
            if (!impl_->exists(part)) impl_->file.createGroup(part);
            if (at == std::string::npos) break;
        }
    });
}

void Writer::text(const std::string& group, const std::string& name, const std::string& value, Charset charset) {
    const Session session;
    const char* data = value.c_str();
    checked(trouble,
            [&] { impl_->write_attribute(group, name, variable_text(charset), H5::DataSpace(H5S_SCALAR), &data); });
}

void Writer::list(const std::string& group, const std::string& name, const std::vector<std::string>& values) {
    const Session session;
    checked(trouble, [&] {
        if (values.empty())
            return impl_->write_attribute(group, name, H5::PredType::IEEE_F64LE, space_of({0}), nullptr);
        const std::size_t most = longest(values);
        if (most > header_bytes) fail(Code::unsupported, "a name of ", most, " bytes is too long for an h5 file");
        if (most * values.size() <= header_bytes) {
            std::vector<const char*> pointers;
            for (const std::string& value : values) pointers.push_back(value.c_str());
            const H5::StrType type = variable_text(Charset::ascii);
            return impl_->write_attribute(group, name, type, space_of({static_cast<std::int64_t>(values.size())}),
                                          pointers.data());
        }
        // numpy's array_split into the fewest parts that fit: the first ones get one more
        std::size_t parts = 2;
        const auto size = [&](std::size_t part) {
            return values.size() / parts + (part < values.size() % parts ? 1 : 0);
        };
        while (size(0) * most > header_bytes) ++parts;
        auto begin = values.begin();
        for (std::size_t part = 0; part < parts; ++part) {
            const auto end = begin + static_cast<std::ptrdiff_t>(size(part));
            impl_->write_fixed(group, name + std::to_string(part), {begin, end});
            begin = end;
        }
    });
}

void Writer::array(const std::string& path, const Tensor& tensor, bool names_bfloat16) {
    const Session session;
    const std::size_t slash = path.rfind('/');
    group(slash == 0 ? "/" : path.substr(0, slash));
    checked(trouble, [&] {
        const H5::DataType type = stored_type(tensor.dtype());
        const H5::DataSet dataset = impl_->file.createDataSet(path, type, space_of(tensor.shape()));
        if (tensor.elements() > 0) dataset.write(tensor.data(), type);
        if (!names_bfloat16 || tensor.dtype() != DType::bfloat16) return;
        const H5::StrType text = variable_text(Charset::utf8);
        const char* name = "bfloat16";
        dataset.createAttribute("dtype", text, H5::DataSpace(H5S_SCALAR)).write(text, &name);
    });
    impl_->require_written();
}

std::vector<std::string> Writer::copy(const File& from, const std::string& group, const std::string& to,
                                      const std::set<std::string>& but) {
    const Session session;
    this->group(to);
    const H5::Group target = checked(trouble, [&] { return impl_->file.openGroup(to); });
    std::vector<std::string> left_out = copy_contents(from, group, target, but);
    impl_->require_written();
    return left_out;
}

void Writer::finish() {
    const Session session;
    checked(trouble, [&] { impl_->file.close(); });
    impl_->require_written();
}

}  // namespace layerctl::formats::h5
