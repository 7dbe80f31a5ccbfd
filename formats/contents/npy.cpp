// numpy arrays, alone or as members of an archive.
#include "formats/npy/npy.hpp"

#include "formats/contents/parts.hpp"
#include "models/limits.hpp"

namespace layerctl::formats {
namespace {

/// numpy's header names the kind of each field: 'O' is a Python object.
bool holds_objects(std::string_view bytes) {
    const std::string_view head = bytes.substr(0, limits::npy_header_bytes);
    return head.substr(0, head.find('\n')).find("'|O") != std::string_view::npos;
}

}  // namespace

std::string npy_contents(const std::string& path, const std::function<std::string()>& read, Contents& contents) {
    Part part{.path = path, .kind = Part::Kind::array, .use = Part::Use::weights, .type = {}};
    std::string bytes;
    try {
        bytes = read();
        const Tensor tensor = read_npy(as_bytes(bytes));
        part.type = dtype_name(tensor.dtype());
        part.shape = tensor.shape();
        part.stored = bytes.size();
        part.size = tensor.byte_size();
        part.read = [read] {
            const std::string again = read();
            return read_npy(as_bytes(again));
        };
    } catch (const Error& error) {
        contents.faults.push_back(
            {holds_objects(bytes) ? Fault::Kind::pickled : fault_kind(error.code()), path, error.message()});
    }
    contents.parts.push_back(std::move(part));
    return "a numpy array (.npy)";
}

}  // namespace layerctl::formats
