// An HDF5 file under construction: groups, string attributes and arrays as h5py writes them for Keras.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "formats/h5/file.hpp"
#include "formats/output_file.hpp"

namespace layerctl::formats::h5 {

class Writer {
public:
    /// In `file`, from that offset on; nothing may lie behind it. What cannot be written there is Code::io.
    explicit Writer(OutputFile& file, std::uint64_t begin = 0);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// A group and those it lies in, unless they are there already. Paths begin with '/'.
    void group(const std::string& path);

    enum class Charset { ascii, utf8 };

    /// A string of variable length as attribute of a group.
    void text(const std::string& group, const std::string& name, const std::string& value, Charset charset);

    /// A list of strings; too long for one attribute it is split into name0, name1, … as Keras does. An empty list is
    /// an empty array of floats.
    void list(const std::string& group, const std::string& name, const std::vector<std::string>& values);

    /// A contiguous dataset, and the groups it lies in. bfloat16 is two opaque bytes; with `names_bfloat16` an
    /// attribute tells so.
    void array(const std::string& path, const Tensor& tensor, bool names_bfloat16 = false);

    /// Everything in a group of another file, into a group of this one, as it stands there: types, chunks, filters,
    /// attributes, orders. `but` names what is not wanted: "/optimizer_weights", "/@training_config". Nothing is followed
    /// out of the file: links other than hard ones, arrays stored elsewhere and second names of an object are left out,
    /// and so is what HDF5 cannot copy safely; returned is where each is, and what. Too many objects are Code::refused.
    std::vector<std::string> copy(const File& from, const std::string& group, const std::string& to,
                                  const std::set<std::string>& but);

    /// Completes the file; the last call.
    void finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace layerctl::formats::h5
