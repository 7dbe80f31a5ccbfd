// What a file holds, part by part: also one that is no model, that nobody can run, or that is damaged in places.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "error.hpp"
#include "shape.hpp"
#include "tensor.hpp"

namespace layerctl {

/// A group, an array, an attribute, or a file of an archive.
struct Part {
    enum class Kind { group, array, attribute, member };
    enum class Use { config, weights, optimizer, other };

    /// "/model_weights/dense/kernel:0"; attributes "/model_weights@layer_names"; what lies in a member of an archive
    /// "model.weights.h5/layers/dense/vars/0".
    std::string path = {};
    Kind kind = Kind::group;
    Use use = Use::other;
    std::string type = {};            // "float32", "string", or what HDF5 calls a type that is no dtype
    std::optional<Shape> shape = {};  // of an array or attribute
    std::uint64_t stored = 0;         // bytes taken in the file; of the arrays in it, not of a group
    std::uint64_t size = 0;           // bytes unpacked
    std::string packing = {};         // "shuffle, gzip"; empty: none

    /// Fetch the elements of an array, the text of an attribute or member; empty for what cannot be read, or is none.
    std::function<Tensor()> read = {};
    std::function<std::string()> text = {};
};

/// Something a sound file does not have.
struct Fault {
    enum class Kind {
        damaged,      // it contradicts itself
        unsupported,  // a feature layerctl does not read
        outside,      // it leads out of the file: links, external storage, paths
        oversized,    // it claims more bytes, or is nested deeper, than its bytes can be or a model is
        expands,      // it unpacks to far more than it takes, or shares bytes with another part
        pickled,      // Python objects
        repeated,     // a second part of one name
        hidden,       // bytes that no part owns, parts that no reader looks at
        orphaned,     // stored but not listed, or listed but not stored
    };

    Kind kind = Kind::damaged;
    std::string path = {};
    std::string message;
};

/// What kind of fault an Error of that code tells of.
Fault::Kind fault_kind(Code code);

struct Contents {
    std::string variant;        // "a legacy h5 model"
    std::string keras_version;  // of the writer; this and the following are empty if the file does not say
    std::string backend;
    std::string date_saved;
    std::uint64_t bytes = 0;     // of the file, or of all files of a folder
    std::uint64_t unpacked = 0;  // the same with archives unpacked
    std::vector<Part> parts;
    std::vector<Fault> faults;
};

}  // namespace layerctl
